import type { Response } from 'express';
import type { PortalRequest } from './PortalRequest';

/** Revocations reach every request within five seconds, and streams soon after. */
const CHECK_MS = 5_000;

/** Ends a stream once its caller would not be let in any more. */
export function whileCurrent(
  { isCurrent }: PortalRequest,
  response: Response,
): void {
  const timer = setInterval(async () => {
    if (!(await isCurrent())) {
      response.end();
    }
  }, CHECK_MS);
  timer.unref();
  response.once('close', () => clearInterval(timer));
}
