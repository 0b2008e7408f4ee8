import type { Random } from './random';

/** Hands out names, each once. */
export class NameBook {
  readonly #taken = new Set<string>();

  /** The name itself, or the first of name-2, name-3, … that is free. */
  claim(name: string, separator = '-'): string {
    let free = name;
    for (let n = 2; this.#taken.has(free); n++) {
      free = `${name}${separator}${n}`;
    }
    this.#taken.add(free);
    return free;
  }
}

/**
 * Spreads a number of things over owners, unevenly: everybody gets one while
 * there are enough, and what is left goes to random owners.
 *
 * @returns the owner of each thing, `count` long
 */
export function spread<T>(
  random: Random,
  owners: readonly T[],
  count: number,
): T[] {
  const first = random.sample(owners, count);
  const favoured = random.sample(owners, Math.ceil(owners.length / 3));
  const rest = Array.from({ length: count - first.length }, () =>
    random.pick(random.chance(0.5) ? favoured : owners),
  );
  return [...first, ...rest];
}

/** 'checkout-pricing' becomes 'Checkout pricing'. */
export function toTitle(name: string): string {
  const words = name.replace(/[-_.]/g, ' ');
  return words[0].toLocaleUpperCase('en-US') + words.slice(1);
}

/** 'audit-record' becomes 'AuditRecord'. */
export function toPascalCase(name: string): string {
  return name
    .split('-')
    .map(word => word[0].toLocaleUpperCase('en-US') + word.slice(1))
    .join('');
}
