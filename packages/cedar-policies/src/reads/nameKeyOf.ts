import { matchesPattern } from './namePattern';
import type { PolicyReads } from './PolicyReads';

/**
 * The same for names between which policies make no difference.
 *
 * @param name - as policies match it with patterns
 * @param options.entity - what has the name, as `Type::id`
 */
export function nameKeyOf(
  name: string,
  { reads, entity }: { reads: PolicyReads; entity: string },
): string {
  if (reads.targetNames || reads.targets.has(entity)) {
    return `is ${name}`;
  }
  return reads.namePatterns
    .map(pattern => (matchesPattern(name, pattern) ? '1' : '0'))
    .join('');
}
