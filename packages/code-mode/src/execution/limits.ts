import { InputError } from '@backstage/errors';

/** What one execution may use. */
export interface Limits {
  /** Time from start to answer in milliseconds, without the time that the host paused the clock. */
  wallMs: number;
  /** CPU time in milliseconds. Waiting for tools takes none. */
  cpuMs: number;
  /** Memory of the engine in bytes. */
  memoryBytes: number;
  /** Calls of tools. */
  calls: number;
  /** Calls at the same time; more of them wait in the sandbox. */
  callsInFlight: number;
  /** Length of the code in bytes. */
  codeBytes: number;
  /** Length of one call's arguments in bytes of JSON. */
  argumentBytes: number;
  /** Length of one call's result in bytes of JSON. */
  resultBytes: number;
  /** Length of the answer in characters of JSON. Longer ones are cut. */
  outputCharacters: number;
  /** Length of all log lines in bytes. */
  logBytes: number;
  /** Time of all sleeps in milliseconds. */
  sleepTotalMs: number;
}

export const DEFAULT_LIMITS: Limits = {
  wallMs: 60_000,
  cpuMs: 2_000,
  memoryBytes: 64 * 1024 * 1024,
  calls: 100,
  callsInFlight: 16,
  codeBytes: 64 * 1024,
  argumentBytes: 1_000_000,
  resultBytes: 8_000_000,
  outputCharacters: 24_000,
  logBytes: 8 * 1024,
  sleepTotalMs: 30_000,
};

/** Limits of `search`, which calls no tools. */
export const SEARCH_LIMITS: Partial<Limits> = { wallMs: 5_000, cpuMs: 500 };

const RANGES: Record<keyof Limits, [minimum: number, maximum: number]> = {
  wallMs: [10, 24 * 3600_000],
  cpuMs: [10, 60_000],
  memoryBytes: [8 * 1024 * 1024, 1024 * 1024 * 1024],
  calls: [0, 10_000],
  callsInFlight: [1, 1_000],
  codeBytes: [100, 1_000_000],
  argumentBytes: [100, 8_000_000],
  resultBytes: [100, 32_000_000],
  outputCharacters: [200, 1_000_000],
  logBytes: [0, 1_000_000],
  sleepTotalMs: [0, 3600_000],
};

/**
 * Checks configured limits and fills in the defaults.
 *
 * @throws InputError naming the limit and its range.
 */
export function readLimits(given: Partial<Limits> = {}): Limits {
  return withLimits(DEFAULT_LIMITS, given, (_name, maximum) => maximum);
}

/**
 * Checks the limits of one execution, which may only be tighter than the
 * configured ones.
 *
 * @throws InputError naming the limit and its range.
 */
export function tightenLimits(
  configured: Limits,
  given: Partial<Limits> = {},
): Limits {
  return withLimits(configured, given, name => configured[name]);
}

/** The tighter one of each limit. */
export function lowerLimits(limits: Limits, caps: Partial<Limits>): Limits {
  const lowered = { ...limits };
  for (const [name, cap] of Object.entries(caps) as [keyof Limits, number][]) {
    lowered[name] = Math.min(limits[name], cap);
  }
  return lowered;
}

function withLimits(
  base: Limits,
  given: Partial<Limits>,
  maximumOf: (name: keyof Limits, maximum: number) => number,
): Limits {
  const limits = { ...base };
  for (const [key, value] of Object.entries(given)) {
    if (!Object.hasOwn(RANGES, key)) {
      throw new InputError(`There is no limit ${key}`);
    }
    const name = key as keyof Limits;
    const [minimum, highest] = RANGES[name];
    const maximum = maximumOf(name, highest);
    if (value === undefined) {
      continue;
    }
    if (!Number.isInteger(value) || value < minimum || value > maximum) {
      throw new InputError(
        `The limit ${key} must be a whole number from ${minimum} to ${maximum}`,
      );
    }
    limits[name] = value;
  }
  return limits;
}
