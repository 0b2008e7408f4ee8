import { compileFields } from '../json';
import { ANSWER, Format, NO_TOKENS, ToldUsage } from './Format';
import { count, Told } from './Told';

// How `trafficType` (Vertex AI) names the service tiers of prices.
const TIERS = new Map([
  ['ON_DEMAND_PRIORITY', 'priority'],
  ['ON_DEMAND_FLEX', 'flex'],
]);

/**
 * `:generateContent` and `:streamGenerateContent`. Each chunk has `usageMetadata`, the
 * numbers of which grow. The prompt's includes the cached ones; those of thoughts and of
 * what tools gave are told apart from both prompt and candidates.
 */
export const googleGenerate: Format = {
  lists: ['searches'],
  fields: compileFields({
    responseId: { keep: 'id', once: true },
    modelVersion: { keep: 'model', once: true },
    usageMetadata: { keep: 'usage' },
    promptFeedback: { blockReason: { keep: 'stopReason' } },
    error: { keep: 'error' },
    candidates: {
      finishReason: { keep: 'stopReason' },
      groundingMetadata: { webSearchQueries: { keep: 'searches' } },
      content: {
        parts: {
          text: { text: ANSWER },
          functionCall: { text: ANSWER },
          executableCode: { text: ANSWER },
        },
      },
    },
  }),

  read(told: Told): ToldUsage {
    const usage = told.object('usage');
    const searches = told
      .list('searches')
      .map(queries => (Array.isArray(queries) ? queries.length : 0));
    const webSearch = Math.max(0, ...searches);
    const toolRequests = webSearch > 0 ? { webSearch } : undefined;
    if (!usage) {
      return { final: false, finalAtEnd: false, toolRequests };
    }
    const prompt = count(usage.promptTokenCount);
    const cacheReadTokens = Math.min(
      prompt,
      count(usage.cachedContentTokenCount),
    );
    const reasoningTokens = count(usage.thoughtsTokenCount);
    return {
      tokens: {
        inputTokens:
          prompt - cacheReadTokens + count(usage.toolUsePromptTokenCount),
        cacheReadTokens,
        cacheWrite5mTokens: 0,
        cacheWrite1hTokens: 0,
        outputTokens: count(usage.candidatesTokenCount) + reasoningTokens,
        reasoningTokens,
      },
      final: told.text('stopReason') !== undefined,
      finalAtEnd: true,
      serviceTier: TIERS.get(String(usage.trafficType)),
      toolRequests,
    };
  },
};

/**
 * `:embedContent` and `:batchEmbedContents`. Older models tell nothing, newer ones
 * `usageMetadata`.
 */
export const googleEmbed: Format = {
  fields: compileFields({
    usageMetadata: { keep: 'usage' },
    error: { keep: 'error' },
  }),

  read(told: Told): ToldUsage {
    const usage = told.object('usage');
    const inputTokens = count(
      usage?.promptTokenCount ?? usage?.totalTokenCount,
    );
    return {
      tokens: usage && { ...NO_TOKENS, inputTokens },
      final: usage !== undefined,
      finalAtEnd: usage !== undefined,
    };
  },
};
