/**
 * A named type of a definition as it is shown, and the types it names in turn.
 */
export interface ShownType<T> {
  shown: T;
  /** Characters that showing it takes. */
  size: number;
  references: string[];
}

/**
 * The types reachable from some, as many as fit.
 */
export interface CollectedTypes<T> {
  /** In breadth-first order: what is named directly comes before what that names. */
  included: Map<string, T>;
  /** Named by what is included but too long to include. */
  omitted: string[];
  /** Named by what is included but not in the definition: imported from elsewhere. */
  unknown: string[];
}

/**
 * Collects types breadth first until the next one does not fit; smaller ones after it still may. What an omitted type names is not
 * looked at: whoever asks for that type is told.
 *
 * @param roots - Names to begin with.
 * @param show - Shows a type; `undefined` when the definition has none of that name.
 * @param maxCharacters - Sum of the sizes.
 */
export function collectTypes<T>(
  roots: string[],
  show: (name: string) => ShownType<T> | undefined,
  maxCharacters: number,
): CollectedTypes<T> {
  const collected: CollectedTypes<T> = {
    included: new Map(),
    omitted: [],
    unknown: [],
  };
  let remaining = maxCharacters;
  const queue = new Set(roots);
  // A Set is walked in the order of insertion, including what is added on the way.
  for (const name of queue) {
    const type = show(name);
    if (!type) {
      collected.unknown.push(name);
    } else if (type.size > remaining) {
      collected.omitted.push(name);
    } else {
      remaining -= type.size;
      collected.included.set(name, type.shown);
      type.references.forEach(reference => queue.add(reference));
    }
  }
  return collected;
}
