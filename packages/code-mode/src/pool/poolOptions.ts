import { InputError } from '@backstage/errors';

/** How many processes there are, and who waits for them. */
export interface ProcessOptions {
  /** Processes that are kept ready. Default: 2. */
  warm?: number;
  /** Most processes. One principal gets half of them. Default: 8. */
  max?: number;
  /** Executions of one principal at the same time in one process. Default: 4. */
  executionsPerProcess?: number;
  /** Executions that may wait for a process. Default: 64. */
  queue?: number;
  /** Longest wait for a process in milliseconds. Default: 15,000. */
  queueMs?: number;
  /** Time without work after which a process beyond the warm ones ends, in milliseconds. Default: 60,000. */
  idleMs?: number;
}

const DEFAULTS: Required<ProcessOptions> = {
  warm: 2,
  max: 8,
  executionsPerProcess: 4,
  queue: 64,
  queueMs: 15_000,
  idleMs: 60_000,
};

const RANGES: Record<keyof ProcessOptions, [minimum: number, maximum: number]> =
  {
    warm: [0, 64],
    max: [1, 64],
    executionsPerProcess: [1, 64],
    queue: [0, 100_000],
    queueMs: [1, 600_000],
    idleMs: [100, 24 * 3600_000],
  };

/** @throws InputError naming the option and its range. */
export function readPoolOptions(
  given: ProcessOptions = {},
): Required<ProcessOptions> {
  const options = { ...DEFAULTS };
  for (const [key, value] of Object.entries(given)) {
    if (!Object.hasOwn(RANGES, key)) {
      throw new InputError(`There is no option processes.${key}`);
    }
    const name = key as keyof ProcessOptions;
    const [minimum, maximum] = RANGES[name];
    if (value === undefined) {
      continue;
    }
    if (!Number.isInteger(value) || value < minimum || value > maximum) {
      throw new InputError(
        `processes.${key} must be a whole number from ${minimum} to ${maximum}`,
      );
    }
    options[name] = value;
  }
  return { ...options, warm: Math.min(options.warm, options.max) };
}
