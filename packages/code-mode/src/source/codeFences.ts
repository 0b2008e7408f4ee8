const OPENING = /^[ \t]*(`{3,}|~{3,})[^\n`]*$/;

/**
 * Takes the code out of a Markdown code fence. Lines that go are left empty,
 * so that positions stay those of the text as it was given.
 */
export function stripCodeFence(text: string): string {
  const lines = text.split('\n');
  const first = lines.findIndex(line => OPENING.test(line));
  if (first < 0 || !isProse(lines.slice(0, first))) {
    return text;
  }
  const [, fence] = OPENING.exec(lines[first]) ?? [];
  const closing = lines.findIndex(
    (line, index) => index > first && line.trim() === fence,
  );
  const end = closing < 0 ? lines.length : closing;
  return [
    ...lines.slice(0, first + 1).map(() => ''),
    ...lines.slice(first + 1, end),
  ].join('\n');
}

/** Nothing, or a sentence such as "Here is the code:"; not code whose template string has a fence. */
function isProse(lines: string[]): boolean {
  return !lines.some(line => /[;{}=]|`|\/\//.test(line));
}
