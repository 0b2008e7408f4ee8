import type { WireFormat } from '@prompt-corner/plugin-ai-proxy-common';

/**
 * How many tokens a provider's models make of a text for which o200k makes one.
 *
 * Claude's tokenizer is not public, so that this could not be measured: since Opus 4.7
 * it makes up to 1.35 times the tokens of the models before (Anthropic's migration
 * guide). Others are taken to be as good as o200k.
 */
export function tokenizerFactor(format: WireFormat): number {
  return format === 'anthropic-messages' ? 1.35 : 1;
}
