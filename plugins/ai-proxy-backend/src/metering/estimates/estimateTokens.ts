import { TextEstimate } from './TextEstimate';

/**
 * Estimates how many tokens a text has, without a tokenizer. It adds up what each
 * character weighs after the one before it; see `tokenWeights.ts`.
 *
 * Against o200k, on texts of 1,500 characters and more (2026-11-21; the table of kinds
 * is in README.md): 0.90 to 1.45 times the true number for documentation, code, JSON,
 * markup, base64, digests, numbers, Chinese, Japanese, Korean and western European
 * languages, the median being 1.11; 0.80 to 1.60 for other scripts, and up to 2.3 for
 * Georgian. `estimateTokens.test.ts` fails when that no longer holds. A short text
 * may be further off, by a few tokens.
 *
 * Other tokenizers differ; see `tokenizerFactor.ts`.
 *
 * @param text - a text, or its UTF-8
 * @returns whole tokens; 0 for an empty text only
 */
export function estimateTokens(text: string | Uint8Array): number {
  const estimate = new TextEstimate();
  if (typeof text === 'string') {
    estimate.addText(text);
  } else {
    estimate.addBytes(text);
  }
  return text.length > 0 ? Math.max(1, Math.ceil(estimate.tokens)) : 0;
}
