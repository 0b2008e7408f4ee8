import type {
  ModelPrices,
  TokenPrices,
} from '@prompt-corner/plugin-ai-proxy-common';

/** Changes the prices of all tiers in the same way. */
export function mapPrices(
  prices: ModelPrices,
  change: <T extends TokenPrices>(price: T) => T,
): ModelPrices {
  const { tiers, serviceTiers, toolRequests, ...base } = prices;
  return {
    ...change(base),
    ...(toolRequests && { toolRequests }),
    ...(tiers && { tiers: tiers.map(tier => change(tier)) }),
    ...(serviceTiers && {
      serviceTiers: Object.fromEntries(
        Object.entries(serviceTiers).map(([name, tier]) => [
          name,
          change(tier),
        ]),
      ),
    }),
  };
}
