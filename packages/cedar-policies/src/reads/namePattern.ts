import type { PatternElem } from '@cedar-policy/cedar-wasm/nodejs';

/** The texts between the wildcards of a pattern, such as `["get_", ""]` of `get_*`. */
export type NamePattern = string[];

/** A pattern of `like`, in another form. */
export function namePatternOf(pattern: PatternElem[]): NamePattern {
  const parts = [''];
  for (const element of pattern) {
    if (element === 'Wildcard') {
      parts.push('');
    } else {
      parts[parts.length - 1] += element.Literal;
    }
  }
  return parts;
}

/** Whether `like` holds: each wildcard stands for any text, also for none. */
export function matchesPattern(name: string, parts: NamePattern): boolean {
  const [first, ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) {
    return name === first;
  }
  if (
    !name.startsWith(first) ||
    !name.endsWith(last) ||
    name.length < first.length + last.length
  ) {
    return false;
  }
  const end = name.length - last.length;
  let from = first.length;
  for (const part of rest) {
    const index = name.indexOf(part, from);
    if (index < 0 || index + part.length > end) {
      return false;
    }
    from = index + part.length;
  }
  return true;
}
