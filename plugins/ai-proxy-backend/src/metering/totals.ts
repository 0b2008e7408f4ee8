import type { TokenUsage } from '@prompt-corner/plugin-ai-proxy-common';

/** All that the model read, from a cache or not. */
export function inputTokensOf(usage: TokenUsage): number {
  return (
    usage.inputTokens +
    usage.cacheReadTokens +
    usage.cacheWrite5mTokens +
    usage.cacheWrite1hTokens
  );
}

/** All that it read and wrote; reasoning is part of the output. */
export function allTokensOf(usage: TokenUsage): number {
  return inputTokensOf(usage) + usage.outputTokens;
}
