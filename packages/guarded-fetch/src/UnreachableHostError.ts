import { ServiceUnavailableError } from '@backstage/errors';

/**
 * A host did not answer: it does not exist, may not be reached, or ended the
 * connection. Which of these is told to nobody outside.
 */
export class UnreachableHostError extends ServiceUnavailableError {
  /** Whether the request was certainly not sent, so that it can be sent again. */
  readonly notSent: boolean;

  constructor(host: string, { notSent }: { notSent: boolean }) {
    super(
      `${host} cannot be reached. If it is an internal host, it has to be a trusted one`,
    );
    this.notSent = notSent;
  }
}
