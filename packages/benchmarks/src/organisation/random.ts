/** A deterministic source of random choices. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** An integer from `min` to `max`, both included. */
  integer(min: number, max: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  /** One item of a non-empty list. */
  pick<T>(items: readonly T[]): T;
  /** Up to `count` different items, in random order. */
  sample<T>(items: readonly T[], count: number): T[];
  /** A stream of its own, so that what one section draws does not move another. */
  fork(label: string): Random;
}

/**
 * Creates a random source from a seed, with the generator sfc32: 128 bits of
 * state and no visible lattice. A linear congruential generator would give
 * neighbouring draws a pattern, and with it a skewed dependency graph.
 *
 * @param seed - any text; equal seeds give equal streams
 */
export function createRandom(seed: string): Random {
  const next = sfc32(seed);
  const random: Random = {
    next,
    integer: (min, max) => min + Math.floor(next() * (max - min + 1)),
    chance: probability => next() < probability,
    pick: items => items[Math.floor(next() * items.length)],
    sample: (items, count) => {
      const pool = [...items];
      const taken = Math.min(count, pool.length);
      for (let i = 0; i < taken; i++) {
        const j = random.integer(i, pool.length - 1);
        [pool[i], pool[j]] = [pool[j], pool[i]];
      }
      return pool.slice(0, taken);
    },
    fork: label => createRandom(`${seed}/${label}`),
  };
  return random;
}

/**
 * A chooser in which the item at rank r has weight 1 / (r + shift) ** exponent
 * (Zipf-Mandelbrot): a few hubs, and a long tail.
 *
 * @param items - most popular first
 * @param options.shift - how far the first ranks are flattened
 */
export function createPopularityChooser<T>(
  items: readonly T[],
  options: { exponent: number; shift: number },
): (random: Random) => T {
  const cumulative: number[] = [];
  let total = 0;
  for (let rank = 0; rank < items.length; rank++) {
    total += 1 / (rank + options.shift) ** options.exponent;
    cumulative.push(total);
  }
  return random => {
    const target = random.next() * total;
    let low = 0;
    let high = cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulative[middle] <= target) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return items[low];
  };
}

function sfc32(seed: string): () => number {
  let [a, b, c, d] = hash128(seed);
  const next = () => {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 15; i++) {
    next(); // mixes the seed through the whole state
  }
  return next;
}

/** The hash cyrb128: spreads a text over four 32-bit words. */
function hash128(text: string): [number, number, number, number] {
  let [h1, h2, h3, h4] = [1779033703, 3144134277, 1013904242, 2773480762];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    h1 = h2 ^ Math.imul(h1 ^ code, 597399067);
    h2 = h3 ^ Math.imul(h2 ^ code, 2869860233);
    h3 = h4 ^ Math.imul(h3 ^ code, 951274213);
    h4 = h1 ^ Math.imul(h4 ^ code, 2716044179);
  }
  return [
    Math.imul(h3 ^ (h1 >>> 18), 597399067),
    Math.imul(h4 ^ (h2 >>> 22), 2869860233),
    Math.imul(h1 ^ (h3 >>> 17), 951274213),
    Math.imul(h2 ^ (h4 >>> 19), 2716044179),
  ];
}
