import type {
  ModelPrices,
  TokenPrices,
  TokenUsage,
  UsageEvent,
} from '@prompt-corner/plugin-ai-proxy-common';
import { inputTokensOf } from '../metering';

/** How a request was served, as far as it changes the price. */
export interface Service {
  /** As the answer names it. One without prices of its own costs as usual. */
  serviceTier?: string;
  /** How often the provider ran tools of its own, by name. */
  toolRequests?: Record<string, number>;
}

// Tools are priced by the thousand, tokens by the million.
const THOUSANDS_IN_A_MILLION = 1_000;

// A dollar for a million tokens, for one of them.
const NANO_USD_OF_PRICE = 1_000;

// Takes away what floating point adds below a thousandth of a nano-dollar, so that halves
// are halves: with prices of six digits after the point costs are exact up to 100 dollars.
const PARTS_OF_NANO_USD = 1_000;

/**
 * What a request costs. The size of its input, cached or not, decides on the tier.
 *
 * @returns 10^-9 US dollars, rounded once, at the end
 */
export function costOf(
  usage: TokenUsage,
  prices: ModelPrices,
  service: Service = {},
): number {
  const price = pricesFor(inputTokensOf(usage), prices, service);
  const cacheWrite5m = price.cacheWrite5m ?? price.input;
  const reasoningTokens = Math.min(usage.reasoningTokens, usage.outputTokens);
  return rounded(
    usage.inputTokens * price.input +
      usage.cacheReadTokens * (price.cacheRead ?? price.input) +
      usage.cacheWrite5mTokens * cacheWrite5m +
      usage.cacheWrite1hTokens * (price.cacheWrite1h ?? cacheWrite5m) +
      (usage.outputTokens - reasoningTokens) * price.output +
      reasoningTokens * (price.reasoning ?? price.output) +
      toolsCost(prices, service),
  );
}

/** @returns as many millionths of a dollar */
function toolsCost(
  { toolRequests: prices }: ModelPrices,
  { toolRequests }: Service,
): number {
  if (!prices || !toolRequests) {
    return 0;
  }
  return Object.keys(toolRequests)
    .filter(name => Object.hasOwn(prices, name))
    .reduce(
      (sum, name) =>
        sum + toolRequests[name] * prices[name] * THOUSANDS_IN_A_MILLION,
      0,
    );
}

/**
 * What a request would have cost had nothing been read from a prompt cache, or written
 * to one.
 *
 * @returns 10^-9 US dollars
 */
export function undiscountedCostOf(
  usage: TokenUsage,
  prices: ModelPrices,
  service: Service = {},
): number {
  return costOf(
    {
      ...usage,
      inputTokens: inputTokensOf(usage),
      cacheReadTokens: 0,
      cacheWrite5mTokens: 0,
      cacheWrite1hTokens: 0,
    },
    prices,
    service,
  );
}

/** Both, as usage events have them; null where nobody knows the prices. */
export function costsOf(
  usage: TokenUsage,
  prices: ModelPrices | null | undefined,
  service: Service = {},
): Pick<UsageEvent, 'costNanoUsd' | 'undiscountedNanoUsd'> {
  return {
    costNanoUsd: prices ? costOf(usage, prices, service) : null,
    undiscountedNanoUsd: prices
      ? undiscountedCostOf(usage, prices, service)
      : null,
  };
}

/**
 * The prices that hold for a request. Nobody tells those of a service tier for large
 * inputs: they rise as the usual ones do.
 *
 * @param inputTokens - cached or not
 */
export function pricesFor(
  inputTokens: number,
  prices: ModelPrices,
  { serviceTier }: Service = {},
): TokenPrices {
  const { serviceTiers = {}, tiers = [] } = prices;
  const usual = tiers.reduce<TokenPrices>(
    (found, tier) => (inputTokens > tier.aboveInputTokens ? tier : found),
    prices,
  );
  if (serviceTier === undefined || !Object.hasOwn(serviceTiers, serviceTier)) {
    return usual;
  }
  const served = serviceTiers[serviceTier];
  return usual === prices ? served : raised(served, prices, usual);
}

function raised(
  served: TokenPrices,
  from: TokenPrices,
  to: TokenPrices,
): TokenPrices {
  // What was free says nothing of a price that is not.
  const ofInput = from.input > 0 ? to.input / from.input : 1;
  const ofOutput = from.output > 0 ? to.output / from.output : 1;
  return {
    input: served.input * ofInput,
    output: served.output * ofOutput,
    cacheRead: times(served.cacheRead, ofInput),
    cacheWrite5m: times(served.cacheWrite5m, ofInput),
    cacheWrite1h: times(served.cacheWrite1h, ofInput),
    reasoning: times(served.reasoning, ofOutput),
  };
}

function times(price: number | undefined, factor: number): number | undefined {
  return price === undefined ? undefined : price * factor;
}

function rounded(microUsd: number): number {
  return Math.round(
    Math.round(microUsd * NANO_USD_OF_PRICE * PARTS_OF_NANO_USD) /
      PARTS_OF_NANO_USD,
  );
}
