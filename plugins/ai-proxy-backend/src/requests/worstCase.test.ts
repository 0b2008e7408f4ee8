import type {
  CatalogueModel,
  ModelPrices,
  WireFormat,
} from '@prompt-corner/plugin-ai-proxy-common';
import { JsonText } from '../json';
import { readInference } from '../wire';
import { worstCase } from './worstCase';

const MODEL = { limits: { output: 1_000 } } as CatalogueModel;

function outputOf(format: WireFormat, asked: object) {
  const body = { model: 'm', ...asked };
  const json = Buffer.from(JSON.stringify(body));
  const request = readInference('openai', format, new JsonText(json, body));
  return worstCase(request, MODEL, 10, json).outputTokens;
}

describe('worstCase', () => {
  it.each([
    ['openai-chat', {}, 1_000],
    ['openai-chat', { n: 1 }, 1_000],
    ['openai-chat', { n: 128 }, 128_000],
    ['openai-chat', { n: 2, max_completion_tokens: 50 }, 100],
    ['openai-chat', { max_completion_tokens: 1, max_tokens: 500 }, 500],
    ['openai-chat', { max_tokens: 0 }, 1_000],
    ['openai-completions', { prompt: 'a', best_of: 3 }, 3_000],
    ['openai-completions', { prompt: ['a', 'b'], max_tokens: 10 }, 20],
    ['openai-completions', { prompt: ['a', 'b'], n: 2 }, 4_000],
    ['openai-completions', { prompt: [[1, 2], [3]] }, 2_000],
    ['openai-completions', { prompt: [1, 2, 3] }, 1_000],
    ['openai-embeddings', {}, 0],
  ] as const)(
    'of %s with %j allows %d tokens of output',
    (format, asked, expected) => {
      expect(outputOf(format, asked)).toBe(expected);
    },
  );

  it.each([
    ['openai-responses', { cacheWrite5m: 5 }, { cacheWrite5mTokens: 10 }],
    ['openai-responses', { cacheWrite5m: 0 }, { inputTokens: 10 }],
    ['openai-chat', {}, { inputTokens: 10, reasoningTokens: 0 }],
    ['openai-chat', { reasoning: 30 }, { reasoningTokens: 100 }],
    ['openai-chat', { reasoning: 10 }, { reasoningTokens: 0 }],
    ['anthropic-messages', { cacheWrite5m: 5 }, { inputTokens: 10 }],
  ] as const)(
    'of %s at the prices %j is of the dearest classes, %j',
    (format, some, expected) => {
      const prices: ModelPrices = { input: 4, output: 20, ...some };
      const body = { model: 'm', max_tokens: 100, max_output_tokens: 100 };
      const json = Buffer.from(JSON.stringify(body));
      const asked = readInference('openai', format, new JsonText(json, body));
      expect(worstCase(asked, { ...MODEL, prices }, 10, json)).toMatchObject(
        expected,
      );
    },
  );
});
