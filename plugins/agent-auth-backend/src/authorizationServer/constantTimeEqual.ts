import { timingSafeEqual } from 'node:crypto';

/** Compares two hashes of equal length without telling by time where they differ. */
export function constantTimeEqual(a: string, b: string): boolean {
  return (
    a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
  );
}
