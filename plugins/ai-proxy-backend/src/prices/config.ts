import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { z } from 'zod';
import { caselessGlobs } from '../providers';
import type { PriceOverride } from './PriceOverride';
import { price, priceVariants, tokenPrices } from './schemas';

const KEY = 'aiProxy.prices';

const override = tokenPrices.partial().extend({
  provider: z.string().optional(),
  models: z.array(z.string().min(1)).min(1),
  ...priceVariants,
  toolRequests: z.record(z.string(), price).optional(),
  discountPercent: z.number().min(-1_000).max(100).optional(),
});

/**
 * Reads `aiProxy.prices`; see `config.d.ts`.
 *
 * @param providers - names of the providers in the configuration
 * @throws InputError naming the key that cannot be used
 */
export function readPriceOverrides(
  root: Config,
  providers: readonly string[],
): PriceOverride[] {
  const read = z.array(override).optional().safeParse(root.getOptional(KEY));
  if (!read.success) {
    const [{ path, message }] = read.error.issues;
    throw new InputError(`${[KEY, ...path].join('.')}: ${message}`);
  }
  return (read.data ?? []).map((entry, index) => {
    const { provider, models, discountPercent, ...prices } = entry;
    const key = `${KEY}.${index}`;
    if (provider !== undefined && !providers.includes(provider)) {
      throw new InputError(
        `${key}.provider is "${provider}", which is not in aiProxy.providers`,
      );
    }
    const hasPrices = Object.keys(prices).length > 0;
    if (hasPrices === (discountPercent !== undefined)) {
      throw new InputError(
        `${key} has to have either prices or discountPercent`,
      );
    }
    prices.tiers?.sort(
      (one, other) => one.aboveInputTokens - other.aboveInputTokens,
    );
    return {
      provider,
      matches: caselessGlobs(models),
      ...(hasPrices ? { prices } : { discountPercent }),
    };
  });
}
