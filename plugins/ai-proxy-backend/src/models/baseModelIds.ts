/**
 * Endings with which providers take the same model at the same price: days of
 * snapshots, numbers of stable versions, and what registries write for "the one".
 * Other endings choose another price or another host, such as `:free`,
 * `:thinking` or `:cerebras`, and `ft:…` is a model of its own.
 */
const ENDINGS = [
  /-20\d{6}$/,
  /-20\d{2}-\d{2}-\d{2}$/,
  /-00\d$/,
  /-latest$/i,
  /@(?:20\d{6}|00\d|default|latest)$/i,
  /:(?:latest|\d{1,3})$/i,
];

/** Nobody writes more endings than these. */
const MOST_ENDINGS = 2;

/**
 * Ids of which a model may be a variant, the closest first:
 * `claude-sonnet-4-5` of `claude-sonnet-4-5-20250929`.
 */
export function baseModelIds(id: string): string[] {
  const ids: string[] = [];
  let current = id;
  while (ids.length < MOST_ENDINGS) {
    const at = current;
    const ending = ENDINGS.find(pattern => pattern.test(at));
    if (!ending) {
      return ids;
    }
    current = current.replace(ending, '');
    ids.push(current);
  }
  return ids;
}
