import { editDistance } from './editDistance';

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
