import type {
  BackstageCredentials,
  BackstageServicePrincipal,
  BackstageUserPrincipal,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { isError } from '@backstage/errors';
import {
  AgentAuthenticationError,
  AgentAuthService,
  AgentPrincipal,
} from '@prompt-corner/plugin-agent-auth-node';
import type { Request } from 'express';

/** What a token of agent-auth must be allowed. There is nothing else to allow here. */
export const SCOPES = ['catalog:read'];

/** As which plugin the MCP portal asks. */
const PORTAL = 'plugin:mcp-portal';

/** Who sent a request. */
export interface AuthenticatedCaller {
  /** By which the rate limit counts: one for each user or service. */
  id: string;
  /** Absent for whoever came with a token of Backstage. */
  agent?: AgentPrincipal;
  /**
   * To read the catalog with the caller's own rights.
   *
   * @throws AgentAuthenticationError when the caller has to sign in again
   * @throws ServiceUnavailableError when agent-auth does not answer
   */
  credentials(): Promise<BackstageCredentials>;
}

/**
 * Finds out who sent a request: an agent, by a token of agent-auth; the MCP
 * portal, for a caller of its own; or, only where an administrator wants it,
 * whoever has a token of Backstage.
 */
export class CallerAuthentication {
  readonly #agentAuth: AgentAuthService;
  readonly #httpAuth: HttpAuthService;
  readonly #resource: string;
  readonly #acceptBackstageTokens: boolean;

  /** @param options.resource - the endpoint's URL, for which a token of agent-auth has to be */
  constructor(options: {
    agentAuth: AgentAuthService;
    httpAuth: HttpAuthService;
    resource: string;
    acceptBackstageTokens: boolean;
  }) {
    this.#agentAuth = options.agentAuth;
    this.#httpAuth = options.httpAuth;
    this.#resource = options.resource;
    this.#acceptBackstageTokens = options.acceptBackstageTokens;
  }

  /**
   * @throws AgentAuthenticationError when there is no token, or none that is valid here
   * @throws InsufficientScopeError when an agent was not allowed to read the catalog
   * @throws NotAllowedError when a token of Backstage is restricted to other plugins
   * @throws ServiceUnavailableError when agent-auth does not answer
   */
  async authenticate(request: Request): Promise<AuthenticatedCaller> {
    try {
      const agent = await this.#agentAuth.authenticate(request, {
        audience: this.#resource,
        scopes: SCOPES,
      });
      return {
        id: agent.uuid,
        agent,
        credentials: () => credentialsOf(agent),
      };
    } catch (error) {
      // Only where no agent has such a token may it be another's.
      if (
        error instanceof AgentAuthenticationError &&
        error.code === 'invalid_token'
      ) {
        return this.#byBackstageToken(request, error);
      }
      throw error;
    }
  }

  async #byBackstageToken(
    request: Request,
    refusal: AgentAuthenticationError,
  ): Promise<AuthenticatedCaller> {
    try {
      const credentials = await this.#httpAuth.credentials(request, {
        allow: ['user', 'service'],
      });
      const { principal } = credentials;
      if (!this.#acceptBackstageTokens && !isPortals(principal)) {
        throw refusal;
      }
      return {
        id:
          principal.type === 'user'
            ? principal.userEntityRef
            : `service:${principal.subject}`,
        credentials: async () => credentials,
      };
    } catch (error) {
      throw isAuthenticationError(error) ? refusal : error;
    }
  }
}

/** Whether the MCP portal asks, on behalf of a user or for itself: it has let the agent in, and its policy has permitted the call. */
function isPortals(
  principal: BackstageUserPrincipal | BackstageServicePrincipal,
): boolean {
  const asking = principal.type === 'user' ? principal.actor : principal;
  return asking?.subject === PORTAL;
}

async function credentialsOf(
  agent: AgentPrincipal,
): Promise<BackstageCredentials> {
  try {
    return await agent.backstageCredentials();
  } catch (error) {
    // The token is good, but of no use any more: the client has to hear that it needs another one.
    throw isAuthenticationError(error)
      ? new AgentAuthenticationError('invalid_token', error.message)
      : error;
  }
}

function isAuthenticationError(error: unknown): error is Error {
  return isError(error) && error.name === 'AuthenticationError';
}
