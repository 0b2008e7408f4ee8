import { z } from 'zod';

/** US dollars for a million tokens; more would be a mistake of the source. */
export const HIGHEST_PRICE = 100_000;

const price = z.number().nonnegative().max(HIGHEST_PRICE);
const tokens = z.number().int().nonnegative().max(1e10);

const sourcePrices = z.looseObject({
  input: price,
  output: price,
  cache_read: price.optional(),
  cache_write: price.optional(),
  reasoning: price.optional(),
});

const sourceCost = sourcePrices.extend({
  tiers: z
    .array(
      sourcePrices.extend({
        tier: z.looseObject({ type: z.string(), size: tokens }),
      }),
    )
    .max(20)
    .optional(),
  context_over_200k: sourcePrices.optional(),
});

const mode = z.looseObject({
  cost: sourcePrices.optional(),
  provider: z
    .looseObject({ body: z.record(z.string(), z.unknown()).optional() })
    .optional(),
});

/** What only describes is left out where it is not as expected. */
const description = z.string().max(4_000).optional().catch(undefined);
const flag = z.boolean().optional().catch(undefined);
const modalities = z.array(z.string().max(50)).max(20);

/**
 * A model as models.dev has it. What a model cannot be used without has to be
 * right; fields that are not named here are kept as they are, for clients.
 */
export const sourceModelSchema = z.looseObject({
  id: z
    .string()
    .max(200)
    .regex(/^[^\s\p{Cc}/][^\s\p{Cc}]*$/u, 'expected no spaces'),
  name: z.string().min(1).max(300),
  description,
  family: description,
  release_date: description,
  last_updated: description,
  attachment: flag,
  reasoning: flag,
  tool_call: flag,
  structured_output: flag,
  temperature: flag,
  open_weights: flag,
  modalities: z
    .looseObject({ input: modalities, output: modalities })
    .optional()
    .catch(undefined),
  limit: z.looseObject({
    context: tokens.optional(),
    input: tokens.optional(),
    output: tokens.optional(),
  }),
  cost: sourceCost.optional(),
  experimental: z
    .looseObject({ modes: z.record(z.string(), mode).optional() })
    .optional(),
  status: z.enum(['alpha', 'beta', 'deprecated']).optional().catch(undefined),
});

/** See {@link sourceModelSchema}. */
export type SourceModel = z.infer<typeof sourceModelSchema>;

/** Prices as models.dev has them. */
export type SourcePrices = z.infer<typeof sourcePrices>;
