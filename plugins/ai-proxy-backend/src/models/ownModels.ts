import { InputError } from '@backstage/errors';
import type { CatalogueModel } from '@prompt-corner/plugin-ai-proxy-common';
import { z } from 'zod';
import { priceVariants, tokenPrices } from '../prices';

const tokens = z.number().int().positive();
const day = z.string().regex(/^\d{4}-\d{2}(-\d{2})?$/, 'expected a date');
const modalities = z.array(z.string().min(1)).min(1);

const ownModel = z.strictObject({
  provider: z.string().min(1),
  id: z.string().regex(/^\S{1,200}$/, 'expected no spaces'),
  name: z.string().min(1).optional(),
  description: z.string().optional(),
  family: z.string().optional(),
  releaseDate: day.optional(),
  status: z.enum(['alpha', 'beta', 'deprecated']).optional(),
  limits: z
    .strictObject({
      context: tokens.optional(),
      input: tokens.optional(),
      output: tokens.optional(),
    })
    .default({}),
  capabilities: z
    .strictObject({
      reasoning: z.boolean().default(false),
      // Coding tools offer no model without.
      toolCalls: z.boolean().default(true),
      attachments: z.boolean().default(false),
      structuredOutput: z.boolean().default(false),
      temperature: z.boolean().default(true),
      inputModalities: modalities.default(['text']),
      outputModalities: modalities.default(['text']),
      openWeights: z.boolean().default(false),
    })
    .prefault({}),
  prices: tokenPrices.extend(priceVariants).optional(),
});

/**
 * Reads the models that an administrator describes.
 *
 * @param value - of the key, as it is in the configuration
 * @param providers - as the configuration names them
 * @param key - of the configuration, for messages
 * @throws InputError naming what cannot be used
 */
export function readOwnModels(
  value: unknown,
  providers: readonly string[],
  key: string,
): CatalogueModel[] {
  const read = z.array(ownModel).safeParse(value);
  if (!read.success) {
    const [{ path, message }] = read.error.issues;
    throw new InputError(`${[key, ...path].join('.')}: ${message}`);
  }
  const seen = new Set<string>();
  return read.data.map((model, index) => {
    const name = `${model.provider}/${model.id}`;
    if (!providers.includes(model.provider)) {
      throw new InputError(
        `${key}.${index}.provider is "${model.provider}", which is not in aiProxy.providers`,
      );
    }
    if (seen.has(name)) {
      throw new InputError(`${key}.${index}: ${name} is there twice`);
    }
    seen.add(name);
    return {
      ...model,
      name: model.name ?? model.id,
      prices: model.prices
        ? {
            ...model.prices,
            tiers: model.prices.tiers?.sort(
              (a, b) => a.aboveInputTokens - b.aboveInputTokens,
            ),
          }
        : null,
    };
  });
}
