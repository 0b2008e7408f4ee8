import * as nodeModule from 'node:module';

const PREFIX = 'async()=>{';
const SUFFIX = '\n}';

/**
 * Replaces TypeScript annotations by blanks, so that positions stay.
 *
 * @returns undefined if the text is no TypeScript either, or has something
 * that is more than an annotation (enum, namespace).
 */
export function stripTypes(code: string): string | undefined {
  return strip(code) ?? stripBody(code);
}

/** `return` and `await` are allowed in the body of a function only. */
function stripBody(code: string): string | undefined {
  return strip(PREFIX + code + SUFFIX)?.slice(PREFIX.length, -SUFFIX.length);
}

function strip(code: string): string | undefined {
  try {
    return nodeModule.stripTypeScriptTypes?.(code, { mode: 'strip' });
  } catch {
    return undefined;
  }
}
