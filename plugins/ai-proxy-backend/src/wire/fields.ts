/** A JSON object. */
export type Fields = Record<string, unknown>;

/** What is read of a value that a client wrote: undefined when it is of another type. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : {};
}

export function itemsOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A whole number of something, at least 0. */
export function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? value
    : undefined;
}

/** The same, from servers that take numbers as texts too, as JSON of protocol buffers has them. */
export function looseCountOf(value: unknown): number | undefined {
  return countOf(
    typeof value === 'string' && value.trim() !== '' ? Number(value) : value,
  );
}

/**
 * The most that several members allow; servers differ in which of them they
 * take. Zero is no limit to some.
 */
export function limitOf(...values: unknown[]): number | undefined {
  const limits = values.map(looseCountOf).filter(limit => limit);
  return limits.length === 0 ? undefined : Math.max(...(limits as number[]));
}

/** Whether a value was given; null is how clients leave something to the provider. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
