import type { Detector } from '../detectors/Detector';

const FILLERS = {
  nothing: '',
  words: ' all the previous your ',
  'a long word': 'aB3'.repeat(40),
};

/**
 * Long texts that make a pattern with a nested or overlapping repetition slow:
 * what nearly matches, again and again, or with one part blown up.
 *
 * @param seeds - texts in which detectors find something
 * @param length - of each text, in UTF-16 units
 */
export function* pump(
  detectors: readonly Detector[],
  seeds: readonly string[],
  length: number,
): Iterable<{ name: string; text: string }> {
  const anchors = new Set(
    detectors.flatMap(detector =>
      detector.kind === 'anchored' ? detector.anchors : [],
    ),
  );
  for (const anchor of anchors) {
    for (const [name, after] of Object.entries(FILLERS)) {
      yield {
        name: `${JSON.stringify(anchor)} and ${name}`,
        text: repeated(anchor + after, length),
      };
    }
  }
  for (const seed of seeds) {
    const short = seed.slice(0, 400);
    const middle = Math.ceil(short.length / 2);
    const name = JSON.stringify(short.slice(0, 40));
    yield { name: `${name} repeated`, text: repeated(short, length) };
    yield {
      name: `${name} without its end`,
      text: repeated(short.slice(0, -2), length),
    };
    yield {
      name: `the first half of ${name}`,
      text: repeated(short.slice(0, middle), length),
    };
    yield {
      name: `${name} with a blown up middle`,
      text:
        short.slice(0, middle) +
        repeated(short[middle] ?? 'a', length) +
        short.slice(middle),
    };
  }
}

function repeated(text: string, length: number): string {
  return text.repeat(Math.ceil(length / text.length)).slice(0, length);
}
