import type { Span } from '../detectors/Detector';
import type { Runs } from '../text/findRuns';

/** Encoders break lines at 64 or 76 characters. */
const MIN_LINE = 60;

/** @returns long runs, where those that only a line's end separates are one */
export function* joinLines(text: string, runs: Runs): Iterable<Span> {
  const { tokenStarts, tokenEnds } = runs;
  let index = 0;
  while (index < tokenStarts.length) {
    const start = tokenStarts[index];
    let end = tokenEnds[index];
    while (
      end - tokenStarts[index] >= MIN_LINE &&
      index + 1 < tokenStarts.length &&
      isLineEnd(text, end, tokenStarts[index + 1])
    ) {
      index++;
      end = tokenEnds[index];
    }
    index++;
    yield { start, end: end + paddingAt(text, end) };
  }
}

/** Base64 ends with up to two signs of equality, which otherwise separate. */
function paddingAt(text: string, end: number): number {
  if (text[end] !== '=') {
    return 0;
  }
  return text[end + 1] === '=' ? 2 : 1;
}

function isLineEnd(text: string, from: number, to: number): boolean {
  return to - from <= 10 && /^[ \t]*\r?\n[ \t]*$/.test(text.slice(from, to));
}
