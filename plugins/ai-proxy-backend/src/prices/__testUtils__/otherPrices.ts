import {
  calcPrice,
  type ModelPrice,
  waitForUpdate,
} from '@pydantic/genai-prices';
import type {
  ModelPrices,
  TokenPrices,
  TokenUsage,
} from '@prompt-corner/plugin-ai-proxy-common';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Both sides are asked as of this day, which is that of the snapshot. */
const TIMESTAMP = new Date('2026-09-30T12:00:00Z');

const CLASSES = {
  input: 'input_mtok',
  output: 'output_mtok',
  cacheRead: 'cache_read_mtok',
  cacheWrite5m: 'cache_write_mtok',
  cacheWrite1h: 'cache_write_1h_mtok',
  reasoning: 'output_reasoning_mtok',
} as const;

/** Prices of a provider's model in `@pydantic/genai-prices`; undefined where it has none for tokens alone. */
export interface OtherModel {
  provider: string;
  id: string;
  prices: ModelPrices;
}

/** The models of `@pydantic/genai-prices` that are paid by token. */
export async function otherModels(): Promise<OtherModel[]> {
  const providers = (await waitForUpdate()) ?? [];
  return providers.flatMap(({ id: provider, models }) =>
    models.flatMap(({ id }) => otherModel(provider, id) ?? []),
  );
}

/** One of {@link otherModels}, by any name that they know it by. */
export function otherModel(
  provider: string,
  id: string,
): OtherModel | undefined {
  const found = calcPrice({}, id, {
    providerId: provider,
    timestamp: TIMESTAMP,
  });
  const price = found?.model_price;
  return price?.input_mtok === undefined || price.requests_kcount !== undefined
    ? undefined
    : { provider, id, prices: toPrices(price) };
}

function toPrices(price: ModelPrice): ModelPrices {
  const starts = Object.values(price).flatMap(value =>
    typeof value === 'object' ? value.tiers.map(({ start }) => start) : [],
  );
  const sizes = [...new Set(starts)].sort((one, other) => one - other);
  return {
    ...at(price, 0),
    ...(sizes.length > 0 && {
      tiers: sizes.map(size => ({
        aboveInputTokens: size,
        ...at(price, size + 1),
      })),
    }),
  };
}

function at(price: ModelPrice, inputTokens: number): TokenPrices {
  const entries = Object.entries(CLASSES).map(([name, key]) => {
    const value = price[key];
    if (typeof value !== 'object') {
      return [name, value];
    }
    const tier = value.tiers.filter(({ start }) => inputTokens > start).at(-1);
    return [name, tier ? tier.price : value.base];
  });
  return {
    input: 0,
    output: 0,
    ...Object.fromEntries(entries.filter(([, value]) => value !== undefined)),
  };
}

/** What `@pydantic/genai-prices` says that a request costs, in 10^-9 US dollars, not rounded. */
export function otherCost(usage: TokenUsage, model: OtherModel): number {
  const written = usage.cacheWrite5mTokens + usage.cacheWrite1hTokens;
  const result = calcPrice(
    {
      // Its total includes the caches.
      input_tokens: usage.inputTokens + usage.cacheReadTokens + written,
      cache_read_tokens: usage.cacheReadTokens,
      cache_write_tokens: written,
      cache_write_1h_tokens: usage.cacheWrite1hTokens,
      output_tokens: usage.outputTokens,
      output_reasoning_tokens: usage.reasoningTokens,
    },
    model.id,
    { providerId: model.provider, timestamp: TIMESTAMP },
  );
  return result!.total_price * 1e9;
}

interface SourceCost {
  input: number;
  output: number;
  cache_read?: number;
  cache_write?: number;
  reasoning?: number;
  tiers?: Array<SourceCost & { tier: { size: number } }>;
}

/** Prices of the snapshot of models.dev that comes with the proxy, by provider and model. */
export function snapshotPrices(): Record<string, Record<string, ModelPrices>> {
  const file = path.join(__dirname, '../../../data/models-dev.json.gz');
  const source: Record<
    string,
    { models: Record<string, { cost?: SourceCost }> }
  > = JSON.parse(gunzipSync(readFileSync(file)).toString());
  return Object.fromEntries(
    Object.entries(source).map(([provider, { models }]) => [
      provider,
      Object.fromEntries(
        Object.entries(models).flatMap(([id, { cost }]) =>
          cost?.input === undefined ? [] : [[id, fromSource(cost)]],
        ),
      ),
    ]),
  );
}

function fromSource(cost: SourceCost): ModelPrices {
  const prices = {
    input: cost.input,
    output: cost.output,
    cacheRead: cost.cache_read,
    cacheWrite5m: cost.cache_write,
    reasoning: cost.reasoning,
  };
  return {
    ...prices,
    tiers: cost.tiers
      ?.map(tier => ({ aboveInputTokens: tier.tier.size, ...fromSource(tier) }))
      .sort((one, other) => one.aboveInputTokens - other.aboveInputTokens),
  };
}
