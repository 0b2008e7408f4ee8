import type {
  CatalogueModel,
  TokenPrices,
} from '@prompt-corner/plugin-ai-proxy-common';
import { mapPrices } from './mapPrices';

// What Anthropic takes for writing to its cache, in prices of input.
const FOR_5_MINUTES = 1.25;
const FOR_AN_HOUR = 2;

/**
 * Adds the prices that Claude has for writing to its prompt cache, where nobody gives
 * them: models.dev has none for an hour. Five minutes are free of it at most resellers
 * that give no price, so that they are added at Anthropic only.
 *
 * @param isAnthropic - whether Anthropic itself serves the model
 */
export function withCacheWrites(
  model: CatalogueModel,
  isAnthropic: boolean,
): CatalogueModel {
  const { prices } = model;
  if (!prices || !isClaude(model)) {
    return model;
  }
  return { ...model, prices: mapPrices(prices, add) };

  function add<T extends TokenPrices>(price: T): T {
    return {
      ...price,
      cacheWrite5m:
        price.cacheWrite5m ??
        (isAnthropic ? price.input * FOR_5_MINUTES : undefined),
      cacheWrite1h: price.cacheWrite1h ?? price.input * FOR_AN_HOUR,
    };
  }
}

function isClaude({ id, family }: CatalogueModel): boolean {
  return /^claude/i.test(family ?? '') || /(^|[/.~])claude-/i.test(id);
}
