const HALF_PAIR = /\p{Surrogate}/u;

/** Whether a text is Unicode, without halves of surrogate pairs, which Cedar cannot read. */
export function isUnicode(text: string): boolean {
  return !HALF_PAIR.test(text);
}
