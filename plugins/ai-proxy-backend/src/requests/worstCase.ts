import type {
  CatalogueModel,
  TokenUsage,
} from '@prompt-corner/plugin-ai-proxy-common';
import type { InferenceRequest } from '../wire';
import { NO_TOKENS } from './Exchange';

/** For models of which nobody knows how much they write. */
const OUTPUT_TOKENS = 16_384;

/**
 * The most that a request may take: its input as estimated, written to the
 * prompt cache where it asks for that, and all the output that it allows; or that
 * the model has, where it sets no limit.
 */
export function worstCase(
  asked: InferenceRequest,
  model: CatalogueModel | undefined,
  inputTokens: number,
  json: Buffer,
): TokenUsage {
  const { maxOutputTokens, choices = 1 } = asked;
  const outputTokens =
    maxOutputTokens ?? (model?.limits.output ?? OUTPUT_TOKENS) * choices;
  return { ...NO_TOKENS, ...inputOf(inputTokens, json), outputTokens };
}

function inputOf(tokens: number, json: Buffer): Partial<TokenUsage> {
  // Only Anthropic's requests ask for it, and only they pay for it.
  if (!json.includes('"cache_control"')) {
    return { inputTokens: tokens };
  }
  return json.includes('"1h"')
    ? { cacheWrite1hTokens: tokens }
    : { cacheWrite5mTokens: tokens };
}
