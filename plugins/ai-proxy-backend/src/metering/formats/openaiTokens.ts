import type { TokenUsage } from '@prompt-corner/plugin-ai-proxy-common';
import { count, countIn, JsonObject } from './Told';

/**
 * Tokens of OpenAI's `usage`, under its older names (`prompt_tokens`) and its newer ones
 * (`input_tokens`). Both totals include what the caches did, and reasoning.
 *
 * Compatible servers differ: DeepSeek tells `prompt_cache_hit_tokens`, Moonshot
 * `cached_tokens`, LiteLLM Anthropic's `cache_…_input_tokens`; xAI and Gemini leave
 * reasoning out of `completion_tokens`, but not out of `total_tokens`; New API tells the
 * newer names besides the older ones, with 0.
 */
export function openaiTokens(usage: JsonObject): TokenUsage {
  const input = count(usage.input_tokens) || count(usage.prompt_tokens);
  const inputDetails =
    usage.input_tokens_details ?? usage.prompt_tokens_details;
  const written = count(usage.output_tokens) || count(usage.completion_tokens);
  const outputDetails =
    usage.output_tokens_details ?? usage.completion_tokens_details;

  const cacheReadTokens = Math.min(
    input,
    countIn(inputDetails, 'cached_tokens') ||
      count(usage.prompt_cache_hit_tokens) ||
      count(usage.cached_tokens) ||
      count(usage.cache_read_input_tokens),
  );
  const cacheWrite5mTokens = Math.min(
    input - cacheReadTokens,
    countIn(inputDetails, 'cache_write_tokens') ||
      countIn(inputDetails, 'cache_creation_tokens') ||
      count(usage.cache_creation_input_tokens),
  );
  const leftOut = Math.max(0, count(usage.total_tokens) - input - written);
  const outputTokens = written + leftOut;
  return {
    inputTokens: input - cacheReadTokens - cacheWrite5mTokens,
    cacheReadTokens,
    cacheWrite5mTokens,
    cacheWrite1hTokens: 0,
    outputTokens,
    reasoningTokens: Math.min(
      outputTokens,
      countIn(outputDetails, 'reasoning_tokens') || leftOut,
    ),
  };
}
