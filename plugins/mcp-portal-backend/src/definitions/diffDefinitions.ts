import { diffArrays, diffWordsWithSpace } from 'diff';
import { showInvisible } from './showInvisible';
import { isRecord } from '../json/isRecord';

/** A piece of a text that was compared word by word. */
export interface TextPart {
  kind: 'same' | 'added' | 'removed';
  text: string;
}

/** One difference. In all texts, invisible characters are written out. */
export interface DefinitionChange {
  /** JSON pointer; of what was removed, into the old definition. */
  path: string;
  kind: 'added' | 'removed' | 'changed';
  /** A string as it is, anything else as JSON. */
  before?: string;
  after?: string;
  /** For a changed string: what changed in it. Absent when hardly a word stayed. */
  text?: TextPart[];
}

/** How two definitions differ, for people. */
export interface DefinitionDiff {
  changes: DefinitionChange[];
  /** How many more differences there are than are listed. */
  more: number;
}

const MAX_CHANGES = 500;

/** Comparing costs the square of it: some milliseconds. */
const MAX_EDITS = 400;

/** How two definitions differ. Order of keys does not count, as in pins. */
export function diffDefinitions(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): DefinitionDiff {
  const changes: DefinitionChange[] = [];
  compare(before, after, '', changes);
  return {
    changes: changes.slice(0, MAX_CHANGES),
    more: Math.max(0, changes.length - MAX_CHANGES),
  };
}

function compare(
  before: unknown,
  after: unknown,
  path: string,
  changes: DefinitionChange[],
): void {
  if (Array.isArray(before) && Array.isArray(after)) {
    compareArrays(before, after, path, changes);
    return;
  }
  if (isRecord(before) && isRecord(after)) {
    compareRecords(before, after, path, changes);
    return;
  }
  if (JSON.stringify(before) === JSON.stringify(after)) {
    return;
  }
  const change: DefinitionChange = {
    path,
    kind: 'changed',
    before: shown(before),
    after: shown(after),
  };
  if (typeof before === 'string' && typeof after === 'string') {
    change.text = compareTexts(change.before!, change.after!);
  }
  changes.push(change);
}

function compareRecords(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  path: string,
  changes: DefinitionChange[],
): void {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  for (const key of [...keys].sort()) {
    const at = `${path}/${pointerPart(key)}`;
    if (!Object.hasOwn(after, key)) {
      changes.push(removed(at, before[key]));
    } else if (!Object.hasOwn(before, key)) {
      changes.push(added(at, after[key]));
    } else {
      compare(before[key], after[key], at, changes);
    }
  }
}

/** Finds what was put in and taken out, so that one more value at the front is one change. */
function compareArrays(
  before: unknown[],
  after: unknown[],
  path: string,
  changes: DefinitionChange[],
): void {
  const parts = diffArrays(before.map(sortedJson), after.map(sortedJson), {
    maxEditLength: MAX_EDITS,
  });
  if (!parts) {
    compareByIndex(before, after, path, changes);
    return;
  }
  let [from, to] = [0, 0];
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index];
    if (!part.added && !part.removed) {
      from += part.count;
      to += part.count;
      continue;
    }
    const next = parts[index + 1];
    const replaced =
      next && next.added !== part.added && (next.added || next.removed);
    const other = replaced ? next.count : 0;
    const [out, into] = part.removed
      ? [part.count, other]
      : [other, part.count];
    const both = Math.min(out, into);
    for (let n = 0; n < both; n++) {
      compare(before[from + n], after[to + n], `${path}/${to + n}`, changes);
    }
    for (let n = both; n < out; n++) {
      changes.push(removed(`${path}/${from + n}`, before[from + n]));
    }
    for (let n = both; n < into; n++) {
      changes.push(added(`${path}/${to + n}`, after[to + n]));
    }
    from += out;
    to += into;
    index += replaced ? 1 : 0;
  }
}

function compareByIndex(
  before: unknown[],
  after: unknown[],
  path: string,
  changes: DefinitionChange[],
): void {
  for (let n = 0; n < Math.max(before.length, after.length); n++) {
    const at = `${path}/${n}`;
    if (n >= after.length) {
      changes.push(removed(at, before[n]));
    } else if (n >= before.length) {
      changes.push(added(at, after[n]));
    } else {
      compare(before[n], after[n], at, changes);
    }
  }
}

function compareTexts(before: string, after: string): TextPart[] | undefined {
  const parts = diffWordsWithSpace(before, after, {
    maxEditLength: MAX_EDITS,
  });
  if (!parts?.some(part => !part.added && !part.removed && part.value.trim())) {
    return undefined;
  }
  return parts.map(part => {
    const changed = part.added ? 'added' : 'removed';
    return {
      kind: part.added || part.removed ? changed : 'same',
      text: part.value,
    };
  });
}

function added(path: string, value: unknown): DefinitionChange {
  return { path, kind: 'added', after: shown(value) };
}

function removed(path: string, value: unknown): DefinitionChange {
  return { path, kind: 'removed', before: shown(value) };
}

function shown(value: unknown): string {
  return showInvisible(
    typeof value === 'string' ? value : JSON.stringify(value, undefined, 2),
  );
}

function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, item) =>
    isRecord(item)
      ? Object.fromEntries(
          Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : item,
  );
}

/** RFC 6901, section 3. */
function pointerPart(key: string): string {
  return showInvisible(key.replace(/~/g, '~0').replace(/\//g, '~1'));
}
