import type {
  AuthService,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import type { Request } from 'express';
import { AgentAuthenticationError, InsufficientScopeError } from '../challenge';
import { UserCredentials } from '../credentials';
import type { DpopVerifier } from '../dpop';
import { hashToken, MAX_ASKED_PRESENCES, TokenFacts } from '../internal';
import type { AgentAuthBackend } from '../internal/AgentAuthBackend';
import type { NetworkReader } from '../network';
import type { AgentPrincipal } from '../principal';
import type { KnownToken, RevocationFeed, TokenCache } from '../tokens';
import type { UseReporter } from '../uses';
import type {
  AgentAuthService,
  AgentUser,
  AuthenticateOptions,
} from './AgentAuthService';
import { PresentedToken, presentedToken } from './presentedToken';

/** What all plugins of a process share. */
export interface SharedParts {
  feed: RevocationFeed;
  tokens: TokenCache;
  uses: UseReporter;
  dpop: DpopVerifier;
  networks: NetworkReader;
}

/** Tells one plugin who is calling. */
export class DefaultAgentAuthService implements AgentAuthService {
  readonly #shared: SharedParts;
  readonly #backend: AgentAuthBackend;
  readonly #discovery: DiscoveryService;
  readonly #credentials: UserCredentials;

  constructor(options: {
    shared: SharedParts;
    backend: AgentAuthBackend;
    auth: AuthService;
    discovery: DiscoveryService;
  }) {
    this.#shared = options.shared;
    this.#backend = options.backend;
    this.#discovery = options.discovery;
    this.#credentials = new UserCredentials({
      auth: options.auth,
      backend: options.backend,
      feed: options.shared.feed,
    });
  }

  /** {@inheritdoc AgentAuthService.authenticate} */
  async authenticate(
    request: Request,
    options: AuthenticateOptions,
  ): Promise<AgentPrincipal> {
    const presented = presentedToken(
      request,
      options.tokenHeaders ?? ['authorization'],
    );
    const network = this.#shared.networks.read(request);
    const known = await this.#find(
      presented.token,
      network.address ?? request.socket.remoteAddress,
    );
    const { facts } = known;
    if (facts.resource.audience !== options.audience) {
      throw invalidToken(
        `The token is for another resource than ${options.audience}. Sign in to this one`,
      );
    }
    await this.#checkBinding(presented, facts, request, options.audience);
    checkScopes(known, options.scopes ?? []);

    this.#shared.uses.record(
      {
        connectionId: facts.connectionId,
        address: network.address,
        userAgent: request.headers['user-agent'],
      },
      this.#backend,
    );
    return {
      kind: facts.principal.kind,
      entityRef: facts.principal.entityRef,
      uuid: facts.principal.uuid,
      teams: facts.principal.teams,
      systems: facts.principal.systems,
      domains: facts.principal.domains,
      client: facts.client,
      connectionId: facts.connectionId,
      grantType: facts.grantType,
      resource: facts.resource,
      scopes: known.scopes,
      limits: facts.limits,
      claims: facts.claims,
      network,
      backstageCredentials: () => this.#credentials.of(facts),
    };
  }

  /** {@inheritdoc AgentAuthService.userOf} */
  async userOf(entityRef: string): Promise<AgentUser> {
    const user = await this.#backend.principal({ entityRef });
    if (!user) {
      throw new NotAllowedError('You are not in the catalog any more');
    }
    return user;
  }

  /** {@inheritdoc AgentAuthService.recipientOf} */
  async recipientOf(uuid: string): Promise<string | undefined> {
    return (await this.#backend.principal({ uuid }))?.entityRef;
  }

  /** {@inheritdoc AgentAuthService.presentOf} */
  async presentOf(uuids: string[]): Promise<Set<string>> {
    const present = new Set<string>();
    for (let from = 0; from < uuids.length; from += MAX_ASKED_PRESENCES) {
      const asked = uuids.slice(from, from + MAX_ASKED_PRESENCES);
      for (const uuid of await this.#backend.presences(asked)) {
        present.add(uuid);
      }
    }
    return present;
  }

  /** {@inheritdoc AgentAuthService.issuer} */
  async issuer(): Promise<string> {
    return this.#discovery.getExternalBaseUrl('agent-auth');
  }

  async #find(token: string, address: string | undefined): Promise<KnownToken> {
    const hash = hashToken(token);
    const known = await this.#shared.tokens.find(hash, {
      backend: this.#backend,
      address,
    });
    if (!known) {
      throw invalidToken(
        'The token is unknown, expired or revoked. Sign in again',
      );
    }
    if (known.facts.expiresAt <= Date.now()) {
      this.#shared.tokens.drop(hash);
      throw invalidToken('The token has expired. Sign in again');
    }
    return known;
  }

  /** A token that is bound to a key comes with a proof of the key, and no other does (RFC 9449, section 7.1). */
  async #checkBinding(
    presented: PresentedToken,
    { jkt }: TokenFacts,
    request: Request,
    audience: string,
  ): Promise<void> {
    if (jkt === undefined) {
      if (presented.dpop) {
        throw invalidToken(
          'The token is not bound to a key. Send it as Bearer',
        );
      }
      return;
    }
    if (!presented.dpop) {
      throw new AgentAuthenticationError(
        'invalid_dpop_proof',
        'The token is bound to a key. Send it as DPoP, with a proof',
      );
    }
    const proof = request.headers.dpop;
    await this.#shared.dpop.verify(
      typeof proof === 'string' ? proof : undefined,
      {
        method: request.method,
        url: externalUrlOf(request, audience),
        token: presented.token,
        jkt,
      },
    );
  }
}

function checkScopes(known: KnownToken, required: string[]): void {
  const missing = required.filter(scope => !known.scopes.has(scope));
  if (missing.length > 0) {
    throw new InsufficientScopeError({ missing, required });
  }
}

/** As the client knows it: behind a proxy neither `Host` nor scheme of the request are the client's. */
function externalUrlOf(request: Request, audience: string): string {
  const [path] = request.originalUrl.split('?');
  return new URL(audience).origin + (path.startsWith('/') ? path : '/');
}

function invalidToken(message: string): AgentAuthenticationError {
  return new AgentAuthenticationError('invalid_token', message);
}
