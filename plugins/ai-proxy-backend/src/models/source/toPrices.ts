import type {
  ModelPrices,
  TokenPrices,
} from '@prompt-corner/plugin-ai-proxy-common';
import { HIGHEST_PRICE, SourceModel, SourcePrices } from './sourceModel';

/** Where prices change that have no size of their own, as the name of the field says. */
const LARGE_CONTEXT_TOKENS = 200_000;

/**
 * Prices of a model of models.dev. It has no price for writing to a cache for an
 * hour, none for batches, and those of sound are not used.
 *
 * @returns null when it has none, or is free although it makes more than text:
 *   such models are charged by the piece, of which models.dev says nothing
 */
export function toPrices(model: SourceModel): ModelPrices | null {
  const { cost } = model;
  if (!cost || (isFree(cost) && !writesTextOnly(model))) {
    return null;
  }
  const tiers = readTiers(cost);
  const serviceTiers = readServiceTiers(model, cost);
  return {
    ...tokenPrices(cost),
    ...(tiers.length > 0 && { tiers }),
    ...(serviceTiers && { serviceTiers }),
  };
}

function isFree(cost: SourcePrices): boolean {
  return cost.input === 0 && cost.output === 0;
}

function writesTextOnly({ modalities }: SourceModel): boolean {
  return (modalities?.output ?? []).every(modality => modality === 'text');
}

function readTiers(
  cost: NonNullable<SourceModel['cost']>,
): NonNullable<ModelPrices['tiers']> {
  const tiers = (cost.tiers ?? [])
    .filter(({ tier }) => tier.type === 'context')
    .map(prices => ({
      aboveInputTokens: prices.tier.size,
      ...tokenPrices(prices, cost),
    }))
    .sort((a, b) => a.aboveInputTokens - b.aboveInputTokens);
  // It repeats a tier for clients that do not know tiers.
  return tiers.length === 0 && cost.context_over_200k
    ? [
        {
          aboveInputTokens: LARGE_CONTEXT_TOKENS,
          ...tokenPrices(cost.context_over_200k, cost),
        },
      ]
    : tiers;
}

function readServiceTiers(
  { experimental }: SourceModel,
  base: SourcePrices,
): Record<string, TokenPrices> | undefined {
  const priced = Object.entries(experimental?.modes ?? {}).flatMap(
    ([mode, { cost, provider }]): Array<[string, TokenPrices]> =>
      cost
        ? [[answeredTier(mode, provider?.body), tokenPrices(cost, base)]]
        : [],
  );
  return priced.length > 0 ? Object.fromEntries(priced) : undefined;
}

/** Answers name what the request asked for: `service_tier` at OpenAI, `speed` at Anthropic. */
function answeredTier(
  mode: string,
  body: Record<string, unknown> | undefined,
): string {
  const asked = body?.service_tier ?? body?.speed;
  return typeof asked === 'string' ? asked : mode;
}

/**
 * @param base - the model's own prices: what is not given is to them as the
 *   price for input, or for reasoning as that for output
 */
function tokenPrices(prices: SourcePrices, base?: SourcePrices): TokenPrices {
  const given = (
    name: 'cache_read' | 'cache_write' | 'reasoning',
    like: 'input' | 'output',
  ) => prices[name] ?? scaled(base?.[name], prices[like], base?.[like]);
  const optional = {
    cacheRead: given('cache_read', 'input'),
    cacheWrite5m: given('cache_write', 'input'),
    reasoning: given('reasoning', 'output'),
  };
  return {
    input: prices.input,
    output: prices.output,
    ...Object.fromEntries(
      Object.entries(optional).filter(([, value]) => value !== undefined),
    ),
  };
}

function scaled(
  value: number | undefined,
  to: number,
  from: number | undefined,
): number | undefined {
  if (value === undefined || !from) {
    return value;
  }
  const result = (value * to) / from;
  // A price of almost nothing says nothing about another one.
  return result <= HIGHEST_PRICE ? result : to;
}
