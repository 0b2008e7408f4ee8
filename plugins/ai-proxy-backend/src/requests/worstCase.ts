import type {
  CatalogueModel,
  TokenPrices,
  TokenUsage,
} from '@prompt-corner/plugin-ai-proxy-common';
import { pricesFor } from '../prices';
import type { Candidate } from '../providers';
import { InferenceRequest, usesOf } from '../wire';
import { NO_TOKENS } from './Exchange';

/** For models of which nobody knows how much they write. */
const OUTPUT_TOKENS = 16_384;

/**
 * The most that a request may take: its input as estimated, written to the
 * prompt cache where it asks for that or nobody has to ask, and all the output that it
 * allows; or that the model has, where it sets no limit. All of it is reasoning where
 * that costs more.
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
  const price = model?.prices && pricesFor(inputTokens, model.prices, asked);
  const isReasoningDearer = (price?.reasoning ?? 0) > (price?.output ?? 0);
  return {
    ...NO_TOKENS,
    ...inputOf(asked, inputTokens, json, price),
    outputTokens,
    reasoningTokens: isReasoningDearer ? outputTokens : 0,
  };
}

/**
 * The most that a request may take whichever of the models answers that it names:
 * what the dearest costs, and as much output as the one has that writes most.
 *
 * @param options.find - what is known of a model
 * @param options.costOf - in 10^-9 US dollars; null where nobody knows
 */
export function mostOf(options: {
  candidate: Candidate;
  asked: InferenceRequest;
  inputTokens: number;
  json: Buffer;
  find: (candidate: Candidate) => CatalogueModel | undefined;
  costOf: (
    candidate: Candidate,
    tokens: TokenUsage,
    use: InferenceRequest,
  ) => number | null;
}): { outputTokens: number; nanoUsd: number } {
  const { candidate, asked, inputTokens, json, find, costOf } = options;
  let outputTokens = 0;
  let nanoUsd = 0;
  for (const use of usesOf(asked, candidate.model)) {
    const answering = { ...candidate, model: use.model };
    const tokens = worstCase(use, find(answering), inputTokens, json);
    outputTokens = Math.max(outputTokens, tokens.outputTokens);
    nanoUsd = Math.max(nanoUsd, costOf(answering, tokens, use) ?? 0);
  }
  return { outputTokens, nanoUsd };
}

function inputOf(
  { format }: InferenceRequest,
  tokens: number,
  json: Buffer,
  price: TokenPrices | null | undefined,
): Partial<TokenUsage> {
  // Anthropic's requests ask for it, also through servers with other formats.
  if (json.includes('"cache_control"')) {
    return json.includes('"1h"')
      ? { cacheWrite1hTokens: tokens }
      : { cacheWrite5mTokens: tokens };
  }
  // OpenAI writes by itself, and takes more for that since GPT-5.6.
  const isDearer = (price?.cacheWrite5m ?? 0) > (price?.input ?? 0);
  return isDearer && format !== 'anthropic-messages'
    ? { cacheWrite5mTokens: tokens }
    : { inputTokens: tokens };
}
