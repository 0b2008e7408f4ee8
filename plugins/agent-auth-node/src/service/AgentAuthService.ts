import type { Request } from 'express';
import type { AgentPrincipal } from '../principal';

/** Headers that may carry a token. @public */
export type TokenHeader = 'authorization' | 'x-api-key' | 'x-goog-api-key';

/** What a request needs. @public */
export interface AuthenticateOptions {
  /** URL of the resource that was asked for; the token has to be for it. */
  audience: string;
  /** The token has to have all of them. */
  scopes?: string[];
  /**
   * Where to look for the token; default: `authorization` only. The others are
   * for clients of AI models, which cannot send it there.
   */
  tokenHeaders?: TokenHeader[];
}

/** A user of Backstage. @public */
export interface AgentUser {
  /** Random and durable. */
  uuid: string;
  /** Full, in lower case. */
  entityRef: string;
  /** Full entity refs of the groups, nested ones too. */
  teams: string[];
}

/** Tells a backend plugin who is calling. @public */
export interface AgentAuthService {
  /**
   * Finds out who is calling, from the agent token in a request.
   *
   * A token that is known takes some tens of microseconds. A revocation holds
   * five seconds later at most.
   *
   * @throws AgentAuthenticationError when there is no token, or none that is valid for the audience
   * @throws InsufficientScopeError when the token lacks scopes
   * @throws ServiceUnavailableError when agent-auth has to be asked and does not answer
   * @throws TooManyRequestsError when agent-auth is not asked, as too many tokens from the caller's address were unknown
   */
  authenticate(
    request: Request,
    options: AuthenticateOptions,
  ): Promise<AgentPrincipal>;

  /**
   * Who a user of Backstage is everywhere else: for the pages of plugins. Gives
   * a user who is new a UUID.
   *
   * @param entityRef - of a user, full
   * @throws NotAllowedError when the user is not in the catalog
   * @throws ServiceUnavailableError when agent-auth does not answer
   */
  userOf(entityRef: string): Promise<AgentUser>;

  /**
   * The entity ref of a user or service, to send a notification. Each time is
   * audited; for anything that people see, use the UUID.
   *
   * @returns undefined when nobody in the catalog has the UUID
   * @throws ServiceUnavailableError when agent-auth does not answer
   */
  recipientOf(uuid: string): Promise<string | undefined>;

  /**
   * Which of some users and services are in the catalog now. Nothing is told of
   * who they are, so that it may be asked as often as needed.
   *
   * @throws ServiceUnavailableError when agent-auth or the catalog does not answer
   */
  presentOf(uuids: string[]): Promise<Set<string>>;

  /** The authorization server's issuer, an URL, as clients know it (RFC 8414). */
  issuer(): Promise<string>;
}
