import { RefusedError } from '../refusal';

/** Refuses what is said by two names, as nobody knows which one counts. */
export function ambiguous(name: string, other: string): RefusedError {
  return new RefusedError({
    status: 400,
    reason: 'ambiguous',
    message: `"${name}" and "${other}" are the same, and both are there. Send one of them`,
  });
}
