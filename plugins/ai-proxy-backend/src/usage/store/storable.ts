import { createHash } from 'node:crypto';

/** What nearly all texts are: quick to tell. */
const PLAIN = /^[ -~]*$/;

/** A text as both databases take it: well-formed, without NUL, and no longer than its column. */
export function storable(
  text: string | undefined = '',
  maxLength: number,
): string {
  if (text.length <= maxLength && PLAIN.test(text)) {
    return text;
  }
  return text.slice(0, maxLength).replace(/[\0\p{Surrogate}]/gu, '\uFFFD');
}

/** A number as both databases take it: whole, and not negative. Nonsense becomes 0. */
export function storableCount(value: number | undefined | null): number {
  return Number.isFinite(value)
    ? Math.min(Math.max(0, Math.round(value!)), Number.MAX_SAFE_INTEGER)
    : 0;
}

/** 63 bits of a digest, in decimal: what is stored under it needs no number given out, and is the same on each replica. */
export function digestOf(texts: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(texts)).digest();
  return BigInt.asUintN(63, digest.readBigUInt64BE()).toString();
}
