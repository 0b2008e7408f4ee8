import Ajv, { ErrorObject, ValidateFunction } from 'ajv';
import Ajv2020 from 'ajv/dist/2020';
import { LRUCache } from 'lru-cache';
import { createContext, Script } from 'node:vm';
import { RE2JS } from 're2js';

const OPTIONS = {
  strict: false,
  validateFormats: false,
  allErrors: true,
  code: {
    // Patterns come from servers, and what they are tried on from models: no
    // pattern may take long.
    regExp: Object.assign(
      (pattern: string) => {
        const compiled = RE2JS.compile(pattern);
        return {
          test: (text: string) => compiled.matcher(text).find(),
          // Ajv tells patterns apart by it.
          toString: () => pattern,
        };
      },
      { code: 'RE2JS' },
    ),
  },
} as const;

/** What a model can make use of at once. */
const MAX_ERRORS = 5;

/** For one check; nothing else is answered meanwhile. */
const MAX_CHECK_MS = 250;

const RUN = createContext({ work: undefined as unknown });
const SCRIPT = new Script('work()');

const ACCEPTS_ALL = Object.assign(() => true, { errors: null });

/**
 * Checks values against the JSON Schemas of tools, of draft 2020-12 or 7. A
 * schema that cannot be compiled, or once took too long, accepts all: the server
 * checks as well.
 */
export class ArgumentSchemas {
  readonly #compiled = new LRUCache<
    string,
    Pick<ValidateFunction, 'errors'> & ((value: unknown) => unknown)
  >({
    max: 5_000,
  });

  /**
   * @param key - the same for the same schema, such as its pin
   * @returns what is wrong, for a model; undefined when nothing is
   */
  problemOf(key: string, schema: unknown, value: unknown): string | undefined {
    let validate = this.#compiled.get(key);
    if (!validate) {
      validate = compile(schema);
      this.#compiled.set(key, validate);
    }
    try {
      return validate(value) ? undefined : describe(validate.errors ?? []);
    } catch {
      // It takes too long, or refers to itself without end.
      this.#compiled.set(key, ACCEPTS_ALL);
      return undefined;
    }
  }
}

function compile(schema: unknown) {
  if (typeof schema !== 'object' || schema === null) {
    return ACCEPTS_ALL;
  }
  const dialect = String((schema as { $schema?: unknown }).$schema ?? '');
  // An instance for each schema, or their ids would collide.
  const ajv = dialect.includes('draft-07')
    ? new Ajv(OPTIONS)
    : new Ajv2020(OPTIONS);
  try {
    const validate = ajv.compile({ ...schema, $async: undefined });
    return mayTakeLong(schema) ? inTime(validate) : validate;
  } catch {
    return ACCEPTS_ALL;
  }
}

/** Without these, checking takes as many steps as schema times value, at most. */
function mayTakeLong(schema: object): boolean {
  return /"(?:\$ref|\$dynamicRef|uniqueItems)"/.test(JSON.stringify(schema));
}

/**
 * Ends a check that takes too long: forty definitions of which each refers twice
 * to the next need 2^40 steps. Costs 0.2 ms (measured 2026-11-21).
 *
 * @returns a function that throws when it was ended
 */
function inTime(validate: ValidateFunction) {
  const checked = (value: unknown) => {
    RUN.work = () => validate(value);
    try {
      return SCRIPT.runInContext(RUN, { timeout: MAX_CHECK_MS });
    } finally {
      RUN.work = undefined;
    }
  };
  return Object.defineProperty(checked, 'errors', {
    get: () => validate.errors,
  }) as typeof checked & Pick<ValidateFunction, 'errors'>;
}

function describe(errors: ErrorObject[]): string {
  const lines = errors
    .slice(0, MAX_ERRORS)
    .map(({ instancePath, message, params }) => {
      return `${instancePath || 'the arguments'} ${message}${detailOf(params)}`;
    });
  return errors.length > MAX_ERRORS
    ? `${lines.join('; ')}; and ${errors.length - MAX_ERRORS} more`
    : lines.join('; ');
}

function detailOf(params: Record<string, unknown>): string {
  if ('additionalProperty' in params) {
    return ` ("${params.additionalProperty}")`;
  }
  return 'allowedValues' in params
    ? `: ${JSON.stringify(params.allowedValues)}`
    : '';
}
