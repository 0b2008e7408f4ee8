import { toError } from '@backstage/errors';
import { isGone, statusOf, waitSecondsOf } from '../../failures';

/** Says why a code was not taken, and what to do. */
export function explainLookup(error: unknown): string {
  if (statusOf(error) === 429) {
    const waitSeconds = waitSecondsOf(error);
    return waitSeconds
      ? `Too many wrong codes. Wait ${waitSeconds} seconds, then try again.`
      : 'Too many wrong codes. Wait a few minutes, then try again.';
  }
  if (isGone(error) || statusOf(error) === 400) {
    return 'No device waits with this code. Compare it with the one that your device shows; if it is the same, it has expired: start again on the device.';
  }
  return `The code could not be checked: ${toError(error).message}`;
}
