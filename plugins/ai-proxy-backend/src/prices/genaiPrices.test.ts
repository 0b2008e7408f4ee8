import type {
  ModelPrices,
  TokenUsage,
} from '@prompt-corner/plugin-ai-proxy-common';
import fc from 'fast-check';
import { tokens } from '../metering/__testUtils__/answers';
import {
  otherCost,
  OtherModel,
  otherModel,
  otherModels,
  snapshotPrices,
} from './__testUtils__/otherPrices';
import { anyUsage, modelWith } from './__testUtils__/prices';
import { costOf } from './costOf';
import { PriceList } from './PriceList';

// Providers of models.dev, and what `@pydantic/genai-prices` calls them.
const PROVIDERS = {
  anthropic: 'anthropic',
  openai: 'openai',
  google: 'google',
  mistral: 'mistral',
  groq: 'groq',
  xai: 'x-ai',
  deepseek: 'deepseek',
  cohere: 'cohere',
  openrouter: 'openrouter',
  togetherai: 'together',
  'fireworks-ai': 'fireworks',
  cerebras: 'cerebras',
  perplexity: 'perplexity',
  moonshotai: 'moonshotai',
  azure: 'azure',
  'amazon-bedrock': 'aws',
};

const MILLION = 1_000_000;

// Requests with an input of a size that show the price of each class of tokens.
const PROBES: Record<string, (size: number) => Partial<TokenUsage>> = {
  input: size => ({ inputTokens: size }),
  cacheRead: size => ({ cacheReadTokens: size }),
  cacheWrite5m: size => ({ cacheWrite5mTokens: size }),
  cacheWrite1h: size => ({ cacheWrite1hTokens: size }),
  output: size => ({ inputTokens: size, outputTokens: MILLION }),
  reasoning: size => ({
    inputTokens: size,
    outputTokens: MILLION,
    reasoningTokens: MILLION,
  }),
};

/** Ours is rounded to whole nano-dollars, theirs is a sum of floating-point dollars. */
function expectSame(usage: TokenUsage, prices: ModelPrices, model: OtherModel) {
  const theirs = otherCost(usage, model);

  expect(Math.abs(costOf(usage, prices) - theirs)).toBeLessThanOrEqual(
    0.5 + theirs * 1e-12 + 1e-6,
  );
}

/**
 * Which classes of tokens have other prices, for inputs of any size. Tiers may begin a
 * token apart: OpenAI says "above 272K", which one side takes for 272,000 and more.
 */
function differences(ours: ModelPrices, theirs: ModelPrices): string[] {
  const sizes = [ours, theirs]
    .flatMap(({ tiers = [] }) => tiers.map(tier => tier.aboveInputTokens))
    .flatMap(size => [size - 1, size + 2]);
  return Object.keys(PROBES).filter(name =>
    [MILLION, ...sizes].some(size => {
      const usage = tokens(PROBES[name](size));
      return costOf(usage, ours) !== costOf(usage, theirs);
    }),
  );
}

const list = new PriceList([], provider =>
  provider === 'anthropic' ? 'anthropic' : 'compat',
);

const both = Object.entries(PROVIDERS).flatMap(([provider, theirName]) =>
  Object.entries(snapshotPrices()[provider]).flatMap(([id, prices]) => {
    const theirs = otherModel(theirName, id);
    const ours = list.withOverrides(modelWith(prices, { provider, id })).prices;
    return theirs && ours ? [{ provider, id, ours, theirs }] : [];
  }),
);

const agreeing = both.filter(
  ({ ours, theirs }) => differences(ours, theirs.prices).length === 0,
);

describe('costs, beside those of @pydantic/genai-prices', () => {
  it('are the same by its own prices, for every model that it has', async () => {
    const models = await otherModels();
    expect(models.length).toBeGreaterThan(1_000);

    fc.assert(
      fc.property(fc.constantFrom(...models), anyUsage, (model, usage) => {
        expectSame(usage, model.prices, model);
      }),
      { numRuns: 4_000 },
    );
  });

  it('are the same by the prices of models.dev, for every model of which both have the same prices', () => {
    expect(agreeing.length).toBeGreaterThan(300);

    fc.assert(
      fc.property(fc.constantFrom(...agreeing), anyUsage, (model, usage) => {
        expectSame(usage, model.ours, model.theirs);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    'claude-opus-5',
    'claude-sonnet-5',
    'claude-haiku-4-5',
    'gpt-5.4',
    'gpt-5-mini',
    'gemini-2.5-pro',
  ])('are the same for %s', id => {
    expect(agreeing.map(model => model.id)).toContain(id);
  });
});
