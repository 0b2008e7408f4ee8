import { createHmac, createSecretKey, KeyObject } from 'node:crypto';
import { AuthenticationError } from '@backstage/errors';
import {
  AgentAuthenticationError,
  AgentAuthService,
  AgentPrincipal,
  subscriberOf,
} from '@prompt-corner/plugin-agent-auth-node';
import type { Request } from 'express';
import type { Caller } from './Caller';

/** What a token may be allowed in a portal. */
export const SCOPES = ['tools:read', 'tools:write'];

/** Finds out who calls a portal. */
export class CallerAuthentication {
  readonly #agentAuth: AgentAuthService;
  readonly #addressKey: KeyObject;

  /** @param options.addressKey - with which addresses of anonymous callers are hashed */
  constructor(options: { agentAuth: AgentAuthService; addressKey: Buffer }) {
    this.#agentAuth = options.agentAuth;
    this.#addressKey = createSecretKey(options.addressKey);
  }

  /**
   * @param options.audience - URL of the portal, for which the token has to be
   * @param options.anonymous - whether a caller without a token is let in
   * @throws AgentAuthenticationError when there is no token, or none that is valid here
   * @throws ServiceUnavailableError when agent-auth does not answer
   */
  async authenticate(
    request: Request,
    options: { audience: string; anonymous: boolean },
  ): Promise<Caller> {
    try {
      return callerOf(
        await this.#agentAuth.authenticate(request, {
          audience: options.audience,
        }),
      );
    } catch (error) {
      const hasNoToken =
        error instanceof AgentAuthenticationError &&
        error.code === 'missing_token';
      if (hasNoToken && options.anonymous) {
        return this.#anonymous(request);
      }
      throw error;
    }
  }

  #anonymous(request: Request): Caller {
    const address = request.ip ?? '';
    return {
      kind: 'anonymous',
      uuid: createHmac('sha256', this.#addressKey)
        .update(subscriberOf(address))
        .digest('hex')
        .slice(0, 32),
      teams: [],
      client: { id: 'anonymous', name: 'anonymous' },
      scopes: new Set(['tools:read']),
      claims: {},
      network: { address, names: [], device: {} },
      async backstageCredentials() {
        throw new AuthenticationError('Sign in to use this');
      },
    };
  }
}

function callerOf(principal: AgentPrincipal): Caller {
  return {
    kind: principal.kind,
    uuid: principal.uuid,
    entityRef: principal.entityRef,
    teams: principal.teams,
    client: { ...principal.client },
    connectionId: principal.connectionId,
    scopes: principal.scopes,
    servers: principal.limits.servers,
    claims: principal.claims,
    network: principal.network,
    backstageCredentials: () => principal.backstageCredentials(),
  };
}
