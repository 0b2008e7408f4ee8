import { parse } from 'acorn';
import { isCallable } from './names';

/** Of sandboxes; what the language has is there on the host as well. */
const TAKEN = ['console', 'sleep', 'module', 'exports', 'require'];

/**
 * Whether code can have a global of this name: it is no word of the language,
 * and nothing else has it.
 */
export function isGlobalName(name: string): boolean {
  return (
    isCallable(name) &&
    !TAKEN.includes(name) &&
    !(name in globalThis) &&
    isBindable(name)
  );
}

function isBindable(name: string): boolean {
  try {
    parse(`let ${name};`, { ecmaVersion: 'latest', sourceType: 'module' });
    return true;
  } catch {
    return false;
  }
}
