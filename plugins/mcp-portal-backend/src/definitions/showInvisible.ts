/**
 * What a person does not see, or sees as something else: controls but for tab
 * and line feed, formatting and ignorable characters (zero-width, bidirectional,
 * tags, variation selectors, fillers), private use, unassigned, halves of pairs,
 * every space but the common one, and the blank of Braille.
 */
const INVISIBLE =
  /(?![\t\n ])[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** A text in which invisible characters are written out, such as `⟨U+200B⟩`. */
export function showInvisible(text: string): string {
  return text.replace(
    INVISIBLE,
    character =>
      `⟨U+${character
        .codePointAt(0)!
        .toString(16)
        .toUpperCase()
        .padStart(4, '0')}⟩`,
  );
}

/** A text of someone else on one line, for pages and logs: nothing invisible, and not longer than `length` characters. */
export function asPlainLine(text: string, length: number): string {
  const line = showInvisible(text.replace(/\s+/g, ' ').trim());
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}
