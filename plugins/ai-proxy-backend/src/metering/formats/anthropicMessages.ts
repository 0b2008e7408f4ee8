import type { TokenUsage } from '@prompt-corner/plugin-ai-proxy-common';
import { compileFields } from '../json';
import { ANSWER, Format, NO_TOKENS, REASONING, ToldUsage } from './Format';
import { count, countIn, isObject, JsonObject, merged, Told } from './Told';
import { namedRequests } from './toolRequests';

const INPUT_FIELDS = [
  'input_tokens',
  'cache_read_input_tokens',
  'cache_creation_input_tokens',
];

/**
 * `POST /v1/messages`. A stream tells its usage twice: in `message_start`, where
 * `output_tokens` is a placeholder, and in `message_delta`, where numbers are totals and
 * may be null. The later one wins field by field: servers of Qwen and Kimi split the
 * prompt into its classes only there, and tools that the provider runs raise the input.
 * `input_tokens` leaves out what the caches did.
 */
export const anthropicMessages: Format = {
  fields: compileFields({
    id: { keep: 'id' },
    model: { keep: 'model' },
    usage: { keep: 'usage' },
    stop_reason: { keep: 'stopReason' },
    error: { keep: 'error' },
    message: {
      id: { keep: 'id' },
      model: { keep: 'model' },
      usage: { keep: 'startUsage' },
    },
    delta: {
      stop_reason: { keep: 'stopReason' },
      text: { text: ANSWER },
      partial_json: { text: ANSWER },
      content: { text: ANSWER },
      thinking: { text: REASONING },
    },
    content: {
      text: { text: ANSWER },
      input: { text: ANSWER },
      thinking: { text: REASONING },
    },
  }),

  read(told: Told): ToldUsage {
    const start = told.object('startUsage');
    const end = told.object('usage');
    if (!start && !end) {
      return { final: false, finalAtEnd: false };
    }
    const usage = withInputOf(start ?? {}, merged(start ?? {}, end ?? {}));
    const iterations = Array.isArray(usage.iterations)
      ? usage.iterations.filter(isObject)
      : [];
    const compactions = iterations.filter(({ type }) => type === 'compaction');
    const others = iterations.filter(({ type }) => type === 'advisor_message');
    return {
      tokens: [usage, ...compactions].map(tokensOf).reduce(sum),
      final: end !== undefined,
      finalAtEnd: end !== undefined,
      serviceTier: tierOf(usage),
      toolRequests: namedRequests(usage.server_tool_use),
      otherModels: others.length
        ? others.map(other => ({
            model: String(other.model),
            tokens: tokensOf(other),
          }))
        : undefined,
    };
  },
};

// Some servers end with an input of 0. No request has that.
function withInputOf(start: JsonObject, usage: JsonObject): JsonObject {
  if (INPUT_FIELDS.some(field => count(usage[field]) > 0)) {
    return usage;
  }
  const input = INPUT_FIELDS.map(field => [field, start[field]]);
  return { ...usage, ...Object.fromEntries(input) };
}

function tokensOf(usage: JsonObject): TokenUsage {
  const split = usage.cache_creation;
  const written5m = countIn(split, 'ephemeral_5m_input_tokens');
  const written1h = countIn(split, 'ephemeral_1h_input_tokens');
  const written =
    typeof usage.cache_creation_input_tokens === 'number'
      ? count(usage.cache_creation_input_tokens)
      : written5m + written1h;
  // Only the start has the split. What came later is written for as long as the rest.
  const for1h =
    written5m === 0 && written1h > 0 ? written : Math.min(written1h, written);
  const outputTokens = count(usage.output_tokens);
  return {
    inputTokens: count(usage.input_tokens),
    cacheReadTokens: count(usage.cache_read_input_tokens),
    cacheWrite5mTokens: written - for1h,
    cacheWrite1hTokens: for1h,
    outputTokens,
    reasoningTokens: Math.min(
      outputTokens,
      countIn(usage.output_tokens_details, 'thinking_tokens'),
    ),
  };
}

// A compaction is work that the totals leave out, and the same model's.
function sum(one: TokenUsage, other: TokenUsage): TokenUsage {
  const keys = Object.keys(NO_TOKENS) as Array<keyof TokenUsage>;
  return Object.fromEntries(
    keys.map(key => [key, one[key] + other[key]]),
  ) as unknown as TokenUsage;
}

function tierOf(usage: JsonObject): string | undefined {
  if (usage.speed === 'fast') {
    return 'fast';
  }
  return typeof usage.service_tier === 'string'
    ? usage.service_tier
    : undefined;
}
