import {
  MAX_DESCRIPTION_CHARACTERS,
  MAX_LABELS,
  MAX_LINE_CHARACTERS,
} from './limits';

/**
 * Cuts a text to a number of characters, the last of which is then "…".
 */
export function clip(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) {
    return text;
  }
  const cut = text.slice(0, maxCharacters - 1);
  // Half a surrogate pair would not survive being sent as UTF-8.
  return `${cut.replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/**
 * A value from a document as a one-line text: the first line that says something, clipped. `undefined` for anything that is not a
 * text or a number (YAML reads `version: 1.0` as a number).
 */
export function lineOf(value: unknown): string | undefined {
  if (typeof value === 'number') {
    return String(value);
  }
  if (typeof value !== 'string') {
    return undefined;
  }
  // Only the beginning is looked at: a description may be a megabyte.
  const line = value.slice(0, 2_000).trim().split(/\r?\n/, 1)[0].trim();
  return line ? clip(line, MAX_LINE_CHARACTERS) : undefined;
}

/**
 * A value from a document as a description of several lines, clipped. `undefined` for anything that is not a text.
 */
export function descriptionOf(value: unknown): string | undefined {
  if (typeof value !== 'string') {
    return undefined;
  }
  const text = value.slice(0, 2 * MAX_DESCRIPTION_CHARACTERS).trim();
  return text ? clip(text, MAX_DESCRIPTION_CHARACTERS) : undefined;
}

/**
 * A list of labels (tags, addresses) without what is not a text; `undefined` when nothing is left.
 */
export function labelsOf(values: unknown[]): string[] | undefined {
  const labels = values
    .slice(0, MAX_LABELS)
    .map(lineOf)
    .filter(label => label !== undefined);
  return labels.length ? labels : undefined;
}

/**
 * Cuts a text so that it takes at most a number of characters as JSON, where quotes, line ends and the like take several.
 */
export function clipAsJson(text: string, maxCharacters: number): string {
  let cut = clip(text, maxCharacters);
  while (JSON.stringify(cut).length > maxCharacters) {
    cut = clip(cut, Math.floor(cut.length * 0.9));
  }
  return cut;
}
