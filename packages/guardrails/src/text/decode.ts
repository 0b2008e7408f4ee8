import { isUtf8 } from 'node:buffer';

/** Longest run that is decoded as a whole. Of longer ones, this much is read. */
const MAX_ENCODED = 4_000_000;

/** How much is decoded first, to see whether it is text at all. */
const SAMPLE = 64;

const PADDED = /={1,2}$/;

/**
 * @returns what a run of characters says when it is text in base64 (also
 *   base64url) or hexadecimal; undefined when it is anything else
 */
export function decodeText(run: string): string | undefined {
  const encoded = run.slice(0, MAX_ENCODED).replace(/\s/g, '');
  if (/^(?:[0-9a-f]{2})+$|^(?:[0-9A-F]{2})+$/.test(encoded)) {
    return readable(encoded, 'hex', SAMPLE);
  }
  // Prose, paths and identifiers have no digits, capitals and small letters at once, or several separators.
  if (!looksLikeBase64(encoded)) {
    return undefined;
  }
  return readable(encoded.replace(PADDED, ''), 'base64', SAMPLE);
}

function looksLikeBase64(encoded: string): boolean {
  return (
    /[A-Z]/.test(encoded) &&
    /[a-z]/.test(encoded) &&
    !/[-_].*[+/]|[+/].*[-_]|=[^=]/.test(encoded.slice(0, SAMPLE))
  );
}

function readable(
  encoded: string,
  encoding: 'hex' | 'base64',
  sample: number,
): string | undefined {
  if (!isText(Buffer.from(encoded.slice(0, sample), encoding))) {
    return undefined;
  }
  const bytes = Buffer.from(encoded, encoding);
  return isText(bytes.subarray(0, 4096)) ? bytes.toString('utf8') : undefined;
}

/** Marked for control characters, but for the tabulator, ends of lines and pages, and the escape of terminals. */
const IS_CONTROL = new Uint8Array(256).fill(1, 0, 0x20).fill(1, 0x7f, 0x80);
IS_CONTROL.set([0, 0], 0x09);
IS_CONTROL.set([0, 0], 0x0c);
IS_CONTROL.set([0], 0x1b);

/**
 * @returns true when bytes are UTF-8 text without control characters. Random
 *   bytes pass with a chance of about 1 in 2^18 for 18 of them.
 */
export function isText(bytes: Uint8Array): boolean {
  let isAscii = true;
  for (const byte of bytes) {
    if (IS_CONTROL[byte]) {
      return false;
    }
    isAscii &&= byte < 0x80;
  }
  return isAscii || isUtf8(bytes) || isCutUtf8(bytes);
}

/** A character that was cut off at the end of a sample is no error. */
function isCutUtf8(bytes: Uint8Array): boolean {
  const last = bytes.findLastIndex(byte => byte >= 0xc0);
  if (last < bytes.length - 3 || !isUtf8(bytes.subarray(0, last))) {
    return false;
  }
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(last), {
      stream: true,
    });
    return true;
  } catch {
    return false;
  }
}
