import { readFileSync } from 'node:fs';
import path from 'node:path';
import type {
  TokenUsage,
  WireFormat,
} from '@prompt-corner/plugin-ai-proxy-common';
import { createMeter } from '../createMeter';
import type { MeteredUsage } from '../MeteredUsage';

/** A body of `__fixtures__`. */
export function answerBytes(file: string): Buffer {
  return readFileSync(path.join(__dirname, '..', '__fixtures__', file));
}

/** Meters pieces of a body. */
export function meter(
  format: WireFormat,
  pieces: Buffer[],
  how: 'complete' | 'cut' = 'complete',
  inputTokensEstimate = 1_234,
): MeteredUsage {
  const answer = createMeter({ format, inputTokensEstimate });
  pieces.forEach(piece => answer.feed(piece));
  return answer.end(how);
}

/** Meters a body of `__fixtures__`. */
export function meterFile(format: WireFormat, file: string): MeteredUsage {
  return meter(format, [answerBytes(file)]);
}

/** Meters the start of a body, up to and without the first occurrence of a text. */
export function meterUntil(
  format: WireFormat,
  file: string,
  text: string,
): MeteredUsage {
  const bytes = answerBytes(file);
  const end = bytes.indexOf(text);
  if (end < 0) {
    throw new Error(`${file} has no ${text}`);
  }
  return meter(format, [bytes.subarray(0, end)], 'cut');
}

/** All classes, those that are not given being 0. */
export function tokens(some: Partial<TokenUsage>): TokenUsage {
  return {
    inputTokens: 0,
    cacheReadTokens: 0,
    cacheWrite5mTokens: 0,
    cacheWrite1hTokens: 0,
    outputTokens: 0,
    reasoningTokens: 0,
    ...some,
  };
}
