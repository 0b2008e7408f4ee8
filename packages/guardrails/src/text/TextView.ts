import { FOLD_TABLE, REMOVED } from './foldTable';
import { unitsOf } from './units';

/**
 * A text as detectors read it. Spans are in `text`; `originalSpan` leads back.
 */
export interface TextView {
  readonly original: string;
  /** The folded text: look-alikes united, invisible characters removed, JSON and HTML escapes read. */
  readonly text: string;
  /** Those of `text`, and a 0 behind the last one; to be used before the next view is made. */
  readonly units: Uint16Array;
  /** Whether all of `text` is ASCII. */
  readonly isAscii: boolean;
  /** For each unit of `text`, and its end, the place in the original; absent when the two are the same. */
  readonly offsets?: Int32Array;
  /** True when the original has characters that fold to nothing, or lie outside of Unicode's basic plane. */
  readonly hasHidden: boolean;
  /** Name of the property whose value this is, in lower case; it tells an account number from any number. */
  readonly label: string;
}

const ESCAPE = /\\["/bfnrtu]|&(?:#|quot;|amp;|lt;|gt;|nbsp;)/;

/** @returns the view of a text; cheap when the text is plain ASCII without escapes */
export function createTextView(original: string, label = ''): TextView {
  const units = unitsOf(original);
  return isAscii(units, original.length) && !hasEscape(original)
    ? {
        original,
        text: original,
        units,
        isAscii: true,
        hasHidden: false,
        label,
      }
    : fold(original, units, label);
}

/** @returns where a span of the folded text is in the original */
export function originalSpan(
  view: TextView,
  start: number,
  end: number,
): [start: number, end: number] {
  return view.offsets ? [view.offsets[start], view.offsets[end]] : [start, end];
}

/** @returns a phrase folded like texts, but with its backslashes left alone, so that it can be a pattern's source */
export function foldPhrase(phrase: string): string {
  let folded = '';
  for (let index = 0; index < phrase.length; index++) {
    const unit = FOLD_TABLE[phrase.charCodeAt(index)];
    folded += unit === REMOVED ? '' : String.fromCharCode(unit);
  }
  return folded;
}

function isAscii(units: Uint16Array, length: number): boolean {
  let bits = 0;
  for (let index = 0; index < length; index++) {
    bits |= units[index];
  }
  return bits < 0x80;
}

function hasEscape(text: string): boolean {
  // Most texts have neither, which the engine sees much sooner than a pattern does.
  return (text.includes('\\') || text.includes('&')) && ESCAPE.test(text);
}

const BACKSLASH = 0x5c;
const AMPERSAND = 0x26;

const PLAIN_PAIR = -1;

function fold(
  original: string,
  originalUnits: Uint16Array,
  label: string,
): TextView {
  const units = new Uint16Array(original.length + 1);
  const offsets = new Int32Array(original.length + 1);
  let length = 0;
  let hasHidden = false;
  let index = 0;
  while (index < original.length) {
    const unit = originalUnits[index];
    let folded = FOLD_TABLE[unit];
    let width = 1;
    if (unit === BACKSLASH || unit === AMPERSAND) {
      const escape =
        unit === BACKSLASH
          ? readBackslash(original, index)
          : readEntity(original, index);
      if (escape) {
        folded = FOLD_TABLE[escape.unit];
        width = escape.width;
        hasHidden ||= folded === REMOVED;
      }
    } else if (unit >= 0xd800 && unit <= 0xdbff) {
      // Letters of mathematical and enclosed "fonts" become plain ones;
      // other pairs stay as they are, tags and variation selectors vanish.
      folded = foldPair(original, index);
      if (folded === PLAIN_PAIR) {
        units[length] = unit;
        offsets[length++] = index++;
        continue;
      }
      width = 2;
      hasHidden ||= folded === REMOVED;
    } else if (folded === REMOVED) {
      hasHidden = true;
    }
    if (folded !== REMOVED) {
      units[length] = folded;
      offsets[length++] = index;
    }
    index += width;
  }
  offsets[length] = original.length;
  return {
    original,
    text: toText(units.subarray(0, length)),
    units,
    isAscii: isAscii(units, length),
    offsets,
    hasHidden,
    label,
  };
}

function toText(units: Uint16Array): string {
  return Buffer.from(units.buffer, units.byteOffset, units.byteLength).toString(
    'utf16le',
  );
}

const JSON_ESCAPES: Record<string, number> = {
  '"': 0x22,
  '/': 0x2f,
  b: 0x20,
  f: 0x20,
  n: 0x0a,
  r: 0x0d,
  t: 0x09,
};

function readBackslash(
  text: string,
  index: number,
): { unit: number; width: number } | undefined {
  const next = text[index + 1];
  if (next === 'u') {
    const hex = text.slice(index + 2, index + 6);
    return /^[0-9a-f]{4}$/i.test(hex)
      ? { unit: parseInt(hex, 16), width: 6 }
      : undefined;
  }
  const unit = JSON_ESCAPES[next];
  return unit === undefined ? undefined : { unit, width: 2 };
}

const ENTITIES: Record<string, number> = {
  quot: 0x22,
  amp: 0x26,
  lt: 0x3c,
  gt: 0x3e,
  nbsp: 0x20,
};

const ENTITY = /&(?:#(\d{1,5})|#x([0-9a-f]{1,4})|(quot|amp|lt|gt|nbsp));/iy;

function readEntity(
  text: string,
  index: number,
): { unit: number; width: number } | undefined {
  ENTITY.lastIndex = index;
  const match = ENTITY.exec(text);
  if (!match) {
    return undefined;
  }
  const [whole, decimal, hex, name] = match;
  const unit = name
    ? ENTITIES[name.toLowerCase()]
    : parseInt(decimal ?? hex, decimal ? 10 : 16);
  return unit <= 0xffff ? { unit, width: whole.length } : undefined;
}

function foldPair(text: string, index: number): number {
  const point = text.codePointAt(index)!;
  if (point >= 0xe0000 && point <= 0xe01ef) {
    return REMOVED;
  }
  const isFont =
    (point >= 0x1d400 && point <= 0x1d7ff) ||
    (point >= 0x1f100 && point <= 0x1f1ff);
  if (!isFont) {
    return PLAIN_PAIR;
  }
  const plain = String.fromCodePoint(point).normalize('NFKD');
  return plain.length === 1
    ? FOLD_TABLE[plain.charCodeAt(0)]
    : plain.match(/[A-Za-z0-9]/)?.[0].charCodeAt(0) ?? PLAIN_PAIR;
}
