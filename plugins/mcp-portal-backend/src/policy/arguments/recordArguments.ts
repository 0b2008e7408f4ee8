import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { ArgumentValue } from './readArguments';

/** Recorded of one call; how many more there were is recorded too. */
const MAX_RECORDED = 100;
/** Characters of a value that may be recorded; a longer one is not recorded at all. */
const MAX_VALUE_LENGTH = 1_000;
const MAX_LIST_LENGTH = 100;

/** An argument as it is recorded. */
export interface RecordedArgument {
  path: string;
  kind: ArgumentValue['kind'];
  /** For paths in `mcpPortal.policy.recordedArguments` only. */
  value?: string | number | boolean | string[];
  /**
   * Of other values but lists: `hmac-sha256:` and hex. Equal values have equal
   * digests; without the key nobody finds a value by trying.
   */
  digest?: string;
}

/** The arguments of a call as they are recorded. */
export interface RecordedArguments {
  arguments: RecordedArgument[];
  /** How many more there were; absent when there were none. */
  moreArguments?: number;
}

/** Turns arguments into what may be recorded of them. */
export class ArgumentRecorder {
  readonly #paths: ReadonlySet<string>;
  readonly #digestKey: KeyObject;

  /**
   * @param options.paths - whose values are recorded
   * @param options.digestKey - for digests of the others
   */
  constructor(options: { paths: string[]; digestKey: Buffer }) {
    this.#paths = new Set(options.paths);
    this.#digestKey = createSecretKey(options.digestKey);
  }

  /** Those whose values are recorded come first, so that none is cut off. */
  record(values: ReadonlyMap<string, ArgumentValue>): RecordedArguments {
    const recorded = [...values].sort(
      ([a], [b]) => Number(this.#paths.has(b)) - Number(this.#paths.has(a)),
    );
    return {
      arguments: recorded
        .slice(0, MAX_RECORDED)
        .map(([path, value]) => this.#recordOne(path, value)),
      ...(recorded.length > MAX_RECORDED
        ? { moreArguments: recorded.length - MAX_RECORDED }
        : {}),
    };
  }

  #recordOne(path: string, argument: ArgumentValue): RecordedArgument {
    const { kind } = argument;
    if (kind === 'other') {
      return { path, kind };
    }
    if (this.#paths.has(path) && isShort(argument.value)) {
      return { path, kind, value: argument.value };
    }
    if (kind === 'list') {
      return { path, kind };
    }
    const digest = createHmac('sha256', this.#digestKey)
      .update(`${kind}:${argument.value}`)
      .digest('hex');
    return { path, kind, digest: `hmac-sha256:${digest}` };
  }
}

function isShort(value: string | number | boolean | string[]): boolean {
  if (Array.isArray(value)) {
    return value.length <= MAX_LIST_LENGTH && value.every(isShort);
  }
  return String(value).length <= MAX_VALUE_LENGTH;
}

/** The argument of a record; undefined when its value was not recorded. */
export function recordedValue(
  recorded: RecordedArgument,
): ArgumentValue | undefined {
  const { kind, value } = recorded;
  if (kind === 'other') {
    return { kind };
  }
  return value === undefined ? undefined : ({ kind, value } as ArgumentValue);
}
