import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';

/**
 * Cedar's parser and evaluator are recursive, and WebAssembly cannot catch the
 * overflow of its stack: one policy nested too deeply leaves the module unable to
 * decide anything. So texts are measured before Cedar sees them.
 *
 * Measured with 4.13 in November 2026, each in a new process: brackets overflow
 * between 100 and 150, `if`, `.`, `+` and `[…]` in a row between 300 and 1,000,
 * `&&` and `||` beyond 3,000.
 */
const LIMITS = { brackets: 32, steps: 200, conditions: 500 };

/** A literal of a policy; long patterns take long to match. */
const MAX_LITERAL_LENGTH = 1_000;

const TOKENS =
  /"(?:\\.|[^"\\])*"|\/\/[^\n\r]*|&&|\|\||\bif\b|[([{]|[)\]}]|[.+*-]|;/gs;

/** What is too complex in a text of policies, and where. */
export interface Complexity {
  /** For people. */
  message: string;
  /** Index into the text. */
  index: number;
}

/** Tells whether Cedar could fail at a text of policies; undefined when it could not. */
export function tooComplex(text: string): Complexity | undefined {
  let brackets = 0;
  let steps = 0;
  let conditions = 0;
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    switch (token[0]) {
      case '"':
        if (token.length > MAX_LITERAL_LENGTH) {
          return {
            message: `a text is longer than ${MAX_LITERAL_LENGTH} characters`,
            index,
          };
        }
        break;
      case '/':
        break;
      case ';':
        steps = 0;
        conditions = 0;
        break;
      case '&':
      case '|':
        conditions++;
        break;
      case ')':
      case ']':
      case '}':
        brackets--;
        break;
      case '(':
      case '{':
        brackets++;
        break;
      case '[':
        brackets++;
        steps++;
        break;
      default:
        steps++;
    }
    if (brackets > LIMITS.brackets) {
      return {
        message: `brackets are nested deeper than ${LIMITS.brackets}; split the policy`,
        index,
      };
    }
    if (steps > LIMITS.steps || conditions > LIMITS.conditions) {
      return {
        message: `the policy has more than ${LIMITS.steps} steps such as "." and "if", or more than ${LIMITS.conditions} "&&" and "||"; split it`,
        index,
      };
    }
  }
  return undefined;
}

/** Objects inside each other that Cedar reads as JSON are 128; some are around the policy. */
const MAX_JSON_DEPTH = 110;

/** Whether Cedar could not read a policy in its JSON form, which those that read what is unknown in lists have to take. */
export function isTooDeepAsJson(policy: PolicyJson): boolean {
  return depthOf(policy) > MAX_JSON_DEPTH;
}

function depthOf(json: unknown): number {
  if (typeof json !== 'object' || json === null) {
    return 0;
  }
  return 1 + Math.max(0, ...Object.values(json).map(depthOf));
}
