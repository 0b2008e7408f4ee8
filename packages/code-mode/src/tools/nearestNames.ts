const MAX_LENGTH = 100;

/**
 * The names that are most like one that does not exist, nearest first; none
 * that would not be taken for a slip.
 */
export function nearestNames(
  wanted: string,
  names: Iterable<string>,
  count = 3,
): string[] {
  const target = fold(wanted);
  const candidates: { name: string; distance: number }[] = [];
  for (const name of names) {
    const folded = fold(name);
    const contained =
      target.length > 3 && (folded.includes(target) || target.includes(folded));
    const distance = contained ? 1 : editDistance(target, folded);
    if (distance <= Math.max(2, Math.floor(target.length * 0.4))) {
      candidates.push({ name, distance });
    }
  }
  return candidates
    .sort((a, b) => a.distance - b.distance || a.name.localeCompare(b.name))
    .slice(0, count)
    .map(({ name }) => name);
}

function fold(name: string): string {
  return name.slice(0, MAX_LENGTH).toLowerCase().replace(/[_$]/g, '');
}

/** Levenshtein's distance, with one row of the table at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}
