import { isError } from '@backstage/errors';
import { runInNewContext } from 'node:vm';

/**
 * Longest time for reading one definition. The largest honest ones take a tenth of it; the process does nothing else meanwhile.
 */
export const MAX_READING_MS = 5_000;

/**
 * Calls a function that blocks, and stops it when it takes too long.
 *
 * The parsers are linear for the definitions people write, but not for those they could write: protobufjs takes two minutes for a
 * field with 100,000 options (8.8.1, measured 2026-11). V8 can end a running function only by way of `node:vm`; the new context
 * holds nothing, the function runs where it was defined, so this is no sandbox.
 *
 * @param run - Must not leave shared state half changed when it is ended.
 * @param maxMs - Milliseconds after which it is ended.
 * @returns What the function returned, or `undefined` when it was ended.
 */
export function withTimeLimit<T extends object>(
  run: () => T,
  maxMs: number,
): T | undefined {
  try {
    return runInNewContext('run()', { run }, { timeout: maxMs });
  } catch (error) {
    if (isError(error) && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
      return undefined;
    }
    throw error;
  }
}
