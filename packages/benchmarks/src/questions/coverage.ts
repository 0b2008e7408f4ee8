import type { Facts } from './Question';

/**
 * The share of what an answer must contain that a text does contain.
 *
 * @returns 0 to 1
 */
export function coverage(text: string, facts: Facts): number {
  const words = new Set(
    text.split(/[^A-Za-z0-9_.@-]+/).map(word => word.replace(/\.$/, '')),
  );
  const found = facts.words.filter(word => words.has(word)).length;
  const enough = Math.min(facts.enough ?? Infinity, facts.words.length);
  return Math.min(1, found / enough);
}
