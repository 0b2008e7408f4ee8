import type {
  CatalogueModel,
  ModelPrices,
  TokenUsage,
} from '@prompt-corner/plugin-ai-proxy-common';
import fc from 'fast-check';

/** A model with the given prices. */
export function modelWith(
  prices: ModelPrices | null,
  more: Partial<CatalogueModel> = {},
): CatalogueModel {
  return {
    id: 'gpt-6-sol',
    provider: 'openai',
    name: 'A model',
    limits: {},
    capabilities: {
      reasoning: true,
      toolCalls: true,
      attachments: true,
      structuredOutput: true,
      temperature: true,
      inputModalities: ['text'],
      outputModalities: ['text'],
      openWeights: false,
    },
    prices,
    ...more,
  };
}

const tokens = fc.oneof(
  fc.constant(0),
  fc.nat(1_000),
  fc.nat(300_000),
  fc.nat(1_000_000),
);

/** Any usage. */
export const anyUsage: fc.Arbitrary<TokenUsage> = fc
  .record({
    inputTokens: tokens,
    cacheReadTokens: tokens,
    cacheWrite5mTokens: tokens,
    cacheWrite1hTokens: tokens,
    outputTokens: tokens,
    reasoningTokens: tokens,
  })
  .map(usage => ({
    ...usage,
    reasoningTokens: Math.min(usage.reasoningTokens, usage.outputTokens),
  }));
