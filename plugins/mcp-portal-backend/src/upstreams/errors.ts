/**
 * Why a server did not answer:
 *
 * - `unreachable`: no connection, or an HTTP error of the server's own making (5xx)
 * - `timeout`
 * - `open`: it failed so often lately that it is not asked for a moment
 * - `unauthorized`: it did not accept the credential (401)
 * - `forbidden`: it does not let this user do that (403)
 * - `busy`: it takes no more requests of this user for a moment (429)
 * - `refused`: it took the request for wrong (any other 4xx)
 * - `too_large`: the answer has more bytes than are taken
 * - `protocol`: what it answered is no MCP
 */
export type UpstreamFailure =
  | 'unreachable'
  | 'timeout'
  | 'open'
  | 'unauthorized'
  | 'forbidden'
  | 'busy'
  | 'refused'
  | 'too_large'
  | 'protocol';

const SAYING: Record<UpstreamFailure, string> = {
  unreachable: 'cannot be reached right now; other servers are not affected',
  timeout: 'did not answer in time; other servers are not affected',
  open: 'failed several times in a row and is not asked for a moment; try again in half a minute',
  unauthorized:
    'did not accept the credential; connect it again, or tell an administrator',
  forbidden: 'does not let you do this; ask its owner for access',
  busy: 'takes no more requests for a moment; try again later',
  refused: 'refused the request; tell its owner',
  too_large: 'sent an answer that is too large; ask for less',
  protocol: 'sent an answer that is not MCP; tell its owner',
};

/**
 * A server did not answer, or not with sense. The message is for callers: it
 * says what to do, and nothing about the network behind the portal. The cause
 * is for the log.
 */
export class UpstreamError extends Error {
  // No CustomErrorBase: that puts the cause into the message.
  override name = 'UpstreamError' as const;
  readonly failure: UpstreamFailure;
  readonly server: string;
  /** Of a server that refused the credential: its challenge. */
  readonly challenge?: string;

  /** Of a server that said so: when to try again. */
  readonly retryAfterSeconds?: number;

  constructor(
    server: string,
    failure: UpstreamFailure,
    options?: {
      cause?: unknown;
      challenge?: string;
      retryAfterSeconds?: number;
    },
  ) {
    const { cause, challenge, retryAfterSeconds } = options ?? {};
    const when = retryAfterSeconds
      ? `, in ${retryAfterSeconds} s at the earliest`
      : '';
    super(`The server "${server}" ${SAYING[failure]}${when}`, { cause });
    this.server = server;
    this.failure = failure;
    this.challenge = challenge;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
