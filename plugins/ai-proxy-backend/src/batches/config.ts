import { Config, readDurationFromConfig } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { durationToMilliseconds } from '@backstage/types';

const KEY = 'aiProxy.batches';

const HOUR_MS = 60 * 60_000;

/** How batches are counted. */
export interface BatchSettings {
  /** Off the price of a model that has none for batches; between 0 and 100. */
  discountPercent: number;
  /** After which the proxy asks for results that nobody has fetched. */
  collectAfterMs: number;
  /** After which a batch counts as much as was estimated, if its results cannot be had. */
  giveUpAfterMs: number;
}

/**
 * Reads the section `aiProxy.batches`.
 *
 * @throws InputError naming the key, when a value cannot be used
 */
export function readBatchSettings(config: Config): BatchSettings {
  const discountPercent =
    config.getOptionalNumber(`${KEY}.discountPercent`) ?? 50;
  if (!(discountPercent >= 0 && discountPercent <= 100)) {
    throw new InputError(
      `${KEY}.discountPercent is ${discountPercent}; expected 0 to 100`,
    );
  }
  const collectAfterMs = duration(config, 'collectAfter', 24 * HOUR_MS);
  const giveUpAfterMs = duration(config, 'giveUpAfter', 7 * 24 * HOUR_MS);
  if (giveUpAfterMs <= collectAfterMs) {
    throw new InputError(
      `${KEY}.giveUpAfter must be longer than ${KEY}.collectAfter`,
    );
  }
  return { discountPercent, collectAfterMs, giveUpAfterMs };
}

function duration(config: Config, name: string, defaultMs: number): number {
  const key = `${KEY}.${name}`;
  return config.has(key)
    ? durationToMilliseconds(readDurationFromConfig(config, { key }))
    : defaultMs;
}
