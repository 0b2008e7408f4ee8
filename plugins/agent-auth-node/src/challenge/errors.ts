import {
  AuthenticationError,
  CustomErrorBase,
  NotAllowedError,
} from '@backstage/errors';

/** Why a caller is not known. @public */
export type AgentAuthenticationCode =
  | 'missing_token'
  | 'invalid_token'
  | 'invalid_dpop_proof';

/** Thrown when nobody can be told from a request. Answer it with {@link sendAuthError}. @public */
export class AgentAuthenticationError extends AuthenticationError {
  readonly code: AgentAuthenticationCode;

  constructor(code: AgentAuthenticationCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Thrown when a token lacks scopes that a request needs. Answer it with {@link sendAuthError}. @public */
export class InsufficientScopeError extends NotAllowedError {
  /** All that the token lacks. */
  readonly missing: string[];
  /** All that the request needs, granted or not. */
  readonly required: string[];

  constructor(options: { missing: string[]; required: string[] }) {
    super(
      `The connection was not granted ${options.missing.join(
        ', ',
      )}. Connect the client again and approve it`,
    );
    this.missing = options.missing;
    this.required = options.required;
  }
}

/**
 * Thrown when so many unknown tokens came from an address that no more are
 * looked up for now. It says nothing about this token, which may be good.
 * Answer it with {@link sendAuthError}.
 * @public
 */
export class TooManyRequestsError extends CustomErrorBase {
  override name = 'TooManyRequestsError' as const;
  /** Backstage's error middleware answers with it. */
  readonly statusCode = 429;
  /** After which the next try may succeed, whole seconds. */
  readonly retryAfterSeconds: number;

  constructor(message: string, options: { retryAfterSeconds: number }) {
    super(message);
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
