import { Config, readDurationFromConfig } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { durationToMilliseconds } from '@backstage/types';

/** The section `aiProxy.usage`, with defaults. */
export interface UsageConfig {
  /** Whole days that single events and sessions are kept. */
  retentionDays: number;
  /** Whole days that hourly sums are kept. */
  rollupRetentionDays: number;
  /** Events that may wait for the database in one replica. */
  maxQueuedEvents: number;
}

const DAY_MS = 24 * 60 * 60_000;

/**
 * Reads `aiProxy.usage`; see `config.d.ts` for what each key means.
 *
 * @throws InputError that names the key
 */
export function readUsageConfig(root: Config): UsageConfig {
  const config = root.getOptionalConfig('aiProxy.usage');
  const days = (key: string, fallback: number) => {
    const value = config?.has(key)
      ? durationToMilliseconds(readDurationFromConfig(config, { key })) / DAY_MS
      : fallback;
    if (!Number.isInteger(value) || value < 1) {
      throw new InputError(
        `aiProxy.usage.${key} has to be whole days, such as { days: ${fallback} }`,
      );
    }
    return value;
  };
  const retentionDays = days('retention', 30);
  const rollupRetentionDays = days(
    'rollupRetention',
    Math.max(400, retentionDays),
  );
  if (rollupRetentionDays < retentionDays) {
    throw new InputError(
      `aiProxy.usage.rollupRetention has to be at least as long as aiProxy.usage.retention, which is ${retentionDays} days`,
    );
  }
  const maxQueuedEvents =
    config?.getOptionalNumber('maxQueuedEvents') ?? 50_000;
  if (!Number.isInteger(maxQueuedEvents) || maxQueuedEvents < 1) {
    throw new InputError(
      `aiProxy.usage.maxQueuedEvents has to be a whole number of at least 1, not ${maxQueuedEvents}`,
    );
  }
  return { retentionDays, rollupRetentionDays, maxQueuedEvents };
}
