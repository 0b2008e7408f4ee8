import type {
  AuthService,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';
import {
  AuthenticationError,
  ServiceUnavailableError,
} from '@backstage/errors';
import { LRUCache } from 'lru-cache';
import type { AgentAuthBackend } from '../internal/AgentAuthBackend';
import type { TokenFacts } from '../internal/protocol';
import type { RevocationFeed, Revocations } from '../tokens';

const MAX_USERS = 10_000;

/** Left for a request to be carried out with credentials that it has just got. */
const MARGIN_MS = 60_000;

interface Entry {
  /** The connection by which they were got. */
  connectionId: string;
  credentials: Promise<BackstageCredentials>;
  /** Milliseconds since the epoch; Infinity while they are being asked for. */
  usableUntil: number;
}

/** Credentials with which one plugin acts in Backstage for users, by the users' UUIDs. */
export class UserCredentials {
  readonly #entries = new LRUCache<string, Entry>({ max: MAX_USERS });
  readonly #auth: AuthService;
  readonly #backend: AgentAuthBackend;

  constructor(options: {
    auth: AuthService;
    backend: AgentAuthBackend;
    feed: RevocationFeed;
  }) {
    this.#auth = options.auth;
    this.#backend = options.backend;
    options.feed.onRevocations(revocations => this.#forget(revocations));
  }

  /**
   * Credentials of the principal of a token; the plugin's own for a service.
   *
   * @throws AuthenticationError when the user cannot be acted for any more
   * @throws ServiceUnavailableError when agent-auth does not answer
   */
  async of(facts: TokenFacts): Promise<BackstageCredentials> {
    const { kind, uuid } = facts.principal;
    if (kind === 'service') {
      return this.#auth.getOwnServiceCredentials();
    }
    const known = this.#entries.get(uuid);
    if (known && Date.now() < known.usableUntil) {
      return known.credentials;
    }
    const entry: Entry = {
      connectionId: facts.connectionId,
      credentials: this.#ask(facts, usableUntil => {
        entry.usableUntil = usableUntil;
      }),
      usableUntil: Infinity,
    };
    this.#entries.set(uuid, entry);
    try {
      return await entry.credentials;
    } catch (error) {
      if (this.#entries.peek(uuid) === entry) {
        this.#entries.delete(uuid);
      }
      throw error;
    }
  }

  async #ask(
    { connectionId, principal }: TokenFacts,
    onAnswer: (usableUntil: number) => void,
  ): Promise<BackstageCredentials> {
    const { token, expiresAt } = await this.#backend.credentials(connectionId);
    const credentials = await this.#authenticate(token);
    if (
      !this.#auth.isPrincipal(credentials, 'user') ||
      credentials.principal.userEntityRef !== principal.entityRef
    ) {
      throw new AuthenticationError(
        'The agent-auth plugin gave credentials of somebody else. They are not used',
      );
    }
    onAnswer(expiresAt - MARGIN_MS);
    return credentials;
  }

  async #authenticate(token: string): Promise<BackstageCredentials> {
    try {
      return await this.#auth.authenticate(token);
    } catch {
      // Without the cause, which may quote the token.
      throw new ServiceUnavailableError(
        'The agent-auth plugin gave credentials that this plugin cannot use. Check that both run with the same keys for plugin tokens',
      );
    }
  }

  /** Callers with another connection of the same user ask again through that one. */
  #forget({ everything, connections }: Revocations): void {
    if (everything) {
      this.#entries.clear();
      return;
    }
    for (const [uuid, { connectionId }] of this.#entries.entries()) {
      if (connections.has(connectionId)) {
        this.#entries.delete(uuid);
      }
    }
  }
}
