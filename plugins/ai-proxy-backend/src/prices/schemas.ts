import { z } from 'zod';

/** A price in a configuration, in US dollars. */
export const price = z.number().nonnegative();

/** Prices for a million tokens. */
export const tokenPrices = z.strictObject({
  input: price,
  output: price,
  cacheRead: price.optional(),
  cacheWrite5m: price.optional(),
  cacheWrite1h: price.optional(),
  reasoning: price.optional(),
});

/** What may hold instead of them. */
export const priceVariants = {
  tiers: z
    .array(
      tokenPrices.extend({ aboveInputTokens: z.number().int().positive() }),
    )
    .optional(),
  serviceTiers: z.record(z.string(), tokenPrices).optional(),
};
