import type { JsonValue } from '@backstage/types';
import { clip } from './text';

/** Characters that the names of one list may take. */
const MAX_NAMES_CHARACTERS = 1_500;

/**
 * A list of names as part of an answer: `{ [key]: names }`, or nothing when there are none. A long list ends with how many more
 * there are.
 */
export function nameList(
  key: string,
  names: string[],
): Record<string, JsonValue> {
  if (names.length === 0) {
    return {};
  }
  const shown: string[] = [];
  let remaining = MAX_NAMES_CHARACTERS;
  for (const name of names) {
    const entry = clip(name, 200);
    remaining -= JSON.stringify(entry).length + 1;
    if (remaining < 0) {
      shown.push(`… and ${names.length - shown.length} more`);
      break;
    }
    shown.push(entry);
  }
  return { [key]: shown };
}
