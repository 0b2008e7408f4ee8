import { CustomErrorBase } from '@backstage/errors';

/** Asks the caller to wait: 429. */
export class TooManyRequestsError extends CustomErrorBase {
  override name = 'TooManyRequestsError' as const;
  /** Backstage's error middleware answers with it. */
  readonly statusCode = 429;

  /** @param waitMs - until the next try may succeed, milliseconds */
  constructor(waitMs: number) {
    super(
      `Too many wrong tries. Wait ${Math.max(
        1,
        Math.ceil(waitMs / 60_000),
      )} minutes, then try again`,
    );
  }
}
