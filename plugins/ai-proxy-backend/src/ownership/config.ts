import { Config, readDurationFromConfig } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { durationToMilliseconds } from '@backstage/types';

const KEY = 'aiProxy.stored.retention';

const DAY_MS = 24 * 60 * 60_000;

/** For how long it is known whose something is, in milliseconds. */
export interface OwnershipRetention {
  filesMs: number;
  othersMs: number;
}

/**
 * Reads the section `aiProxy.stored.retention`.
 *
 * @throws InputError naming the key, when a value cannot be used
 */
export function readOwnershipRetention(config: Config): OwnershipRetention {
  return {
    filesMs: duration(config, 'files', 400 * DAY_MS),
    // Batches and responses are kept by the providers for 30 days, the rest for shorter.
    othersMs: duration(config, 'others', 60 * DAY_MS),
  };
}

function duration(config: Config, name: string, defaultMs: number): number {
  const key = `${KEY}.${name}`;
  if (!config.has(key)) {
    return defaultMs;
  }
  const ms = durationToMilliseconds(readDurationFromConfig(config, { key }));
  if (!(ms >= DAY_MS)) {
    throw new InputError(
      `${key} is shorter than a day. What is forgotten is lost to its owner, though the provider still has it`,
    );
  }
  return ms;
}
