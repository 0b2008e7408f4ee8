/** What is in an object of Cedar's JSON. */
export type Json = Record<string, unknown>;

/** Cedar has other spellings with a time zone. */
const DATETIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{3})?Z)?$/;

/** The variable that an expression is, such as `context`; undefined when it is something else. */
export function variableOf(expression: unknown): string | undefined {
  return (expression as { Var?: string } | undefined)?.Var;
}

/** The literal that an expression is; undefined when it is something else. */
export function literalOf(expression: unknown): unknown {
  return (expression as { Value?: unknown } | undefined)?.Value;
}

/** Whether an expression is `context.time.now`. */
export function isNow(expression: unknown): boolean {
  const { '.': now } = (expression ?? {}) as { '.'?: Json };
  const { '.': time } = (now?.left ?? {}) as { '.'?: Json };
  return (
    now?.attr === 'now' &&
    time?.attr === 'time' &&
    variableOf(time.left) === 'context'
  );
}

/** The moment that a literal is, in milliseconds since 1970; undefined when it is something else. */
export function momentOf(expression: unknown): number | undefined {
  const { datetime } = (expression ?? {}) as { datetime?: unknown[] };
  const text = datetime && literalOf(datetime[0]);
  return typeof text === 'string' && DATETIME.test(text)
    ? Date.parse(text)
    : undefined;
}

/** The texts of a set of literals; undefined when it is something else. */
export function textsOf(expression: unknown): string[] | undefined {
  const { Set: items } = expression as { Set?: unknown[] };
  const texts = items?.map(literalOf);
  return texts?.every(text => typeof text === 'string') ? texts : undefined;
}

/** Whether an expression is a literal, or a set of some. */
export function isLiteral(expression: unknown): boolean {
  const { Value, Set: items } = expression as {
    Value?: unknown;
    Set?: unknown[];
  };
  return Value !== undefined || (items !== undefined && items.every(isLiteral));
}
