import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { mockCredentials } from '@backstage/backend-test-utils';
import { NotAllowedError } from '@backstage/errors';
import express from 'express';
import Router from 'express-promise-router';
import { ConnectionUse, hashToken, TokenFacts } from '../internal';

/** Where the plugins of the tests are, for their clients. */
export const EXTERNAL_URL = 'https://portal.example.com';

type Facts = Omit<TokenFacts, 'hash'>;

/** What a token of the tests stands for, unless a test says otherwise. */
export function someFacts(facts: Partial<Facts> = {}): Facts {
  return {
    connectionId: 'connection-1',
    principal: {
      kind: 'user',
      entityRef: 'user:default/ada',
      uuid: '5f1c0c5e-0000-4000-8000-000000000001',
      teams: ['group:default/payments'],
      systems: ['system:default/checkout'],
      domains: ['domain:default/shop'],
    },
    client: { id: 'https://client.example/id', name: 'Client' },
    grantType: 'authorization_code',
    resource: {
      kind: 'portal',
      audience: `${EXTERNAL_URL}/api/alpha/v1`,
      portal: 'main',
    },
    scopes: ['tools:read'],
    limits: { servers: ['github'] },
    claims: { amr: ['mfa'], acr: 'high', authTime: 1_700_000_000 },
    expiresAt: Date.now() + 3_600_000,
    ...facts,
  };
}

/**
 * The internal API of agent-auth, served from memory to plugins only. It keeps
 * what it was asked, and goes wrong in the ways that tests want.
 */
export class FakeAgentAuth {
  /** Each request's hashes. */
  readonly introspections: string[][] = [];
  readonly polls: number[] = [];
  readonly credentialRequests: Array<{ by: string; connectionId: string }> = [];
  readonly uses: ConnectionUse[] = [];
  /** Ids of the plugins that have asked anything. */
  readonly askers = new Set<string>();

  /** `down`: answers 503; `hanging`: never answers; `confused`: answers nonsense. */
  mode: 'up' | 'down' | 'hanging' | 'confused' = 'up';
  /** Awaited by introspections after they have read, before they answer. */
  held: Promise<void> | undefined;
  /** Whether the next poll is told to forget everything. */
  reset = false;
  /** Hashes of tokens whose users cannot be looked up just now. */
  readonly unavailable = new Set<string>();
  /** As whom to give credentials, instead of the principal; null for nobody. */
  credentialsFor: string | null | undefined;
  credentialsLifetimeMs = 3_600_000;

  readonly #facts = new Map<string, TokenFacts>();
  #revocations: Array<{
    sequence: number;
    connection?: string;
    hash?: string;
  }> = [];
  #sequence = 7;

  issue(token: string, facts: Partial<Facts> = {}): void {
    const hash = hashToken(token);
    this.#facts.set(hash, { ...someFacts(facts), hash });
  }

  /** Describes another token when asked for this one. */
  issueUnder(token: string, described: string): void {
    this.#facts.set(hashToken(token), {
      ...someFacts(),
      hash: hashToken(described),
    });
  }

  revokeConnection(connection: string): void {
    for (const [hash, { connectionId }] of this.#facts) {
      if (connectionId === connection) {
        this.#facts.delete(hash);
      }
    }
    this.#revocations.push({ sequence: ++this.#sequence, connection });
  }

  revokeToken(token: string): void {
    const hash = hashToken(token);
    this.#facts.delete(hash);
    this.#revocations.push({ sequence: ++this.#sequence, hash });
  }

  /** Goes back to an earlier state of the database, without anything that is known. */
  restoreBackup(): void {
    this.#facts.clear();
    this.#revocations = [];
    this.#sequence = 0;
  }

  readonly feature = createBackendPlugin({
    pluginId: 'agent-auth',
    register: env => {
      env.registerInit({
        deps: {
          httpAuth: coreServices.httpAuth,
          httpRouter: coreServices.httpRouter,
        },
        init: async ({ httpAuth, httpRouter }) => {
          const router = Router();
          router.use(express.json());
          router.use(async (request, response, next) => {
            const { principal } = await httpAuth.credentials(request, {
              allow: ['service'],
            });
            const [, pluginId] = /^plugin:(.+)$/.exec(principal.subject) ?? [];
            if (!pluginId) {
              throw new NotAllowedError('Only plugins may ask');
            }
            this.askers.add(pluginId);
            response.locals.pluginId = pluginId;
            if (this.mode === 'down') {
              response.status(503).json({ error: 'down' });
            } else if (this.mode === 'confused') {
              response.json({ items: 'many', last: 'yes', token: 1 });
            } else if (this.mode === 'up') {
              next();
            }
          });
          this.#addRoutes(router);
          httpRouter.use(router);
        },
      });
    },
  });

  #addRoutes(router: express.Router): void {
    router.post('/internal/tokens/introspect', async (request, response) => {
      const { hashes } = request.body as { hashes: string[] };
      this.introspections.push(hashes);
      const last = this.#sequence;
      const items = hashes.map(hash =>
        this.unavailable.has(hash)
          ? { unavailable: true }
          : this.#facts.get(hash) ?? null,
      );
      await this.held;
      response.json({ items, last });
    });

    router.get('/internal/revocations', (request, response) => {
      const after = Number(request.query.after);
      const news = this.#revocations.filter(item => item.sequence > after);
      response.json({
        last: this.#sequence,
        reset: this.reset,
        connections: news.flatMap(({ connection }) => connection ?? []),
        hashes: news.flatMap(({ hash }) => hash ?? []),
      });
      this.polls.push(after);
      this.reset = false;
    });

    router.post('/internal/credentials', (request, response) => {
      const { connectionId } = request.body;
      const by = response.locals.pluginId;
      this.credentialRequests.push({ by, connectionId });
      const facts = Array.from(this.#facts.values()).find(
        item => item.connectionId === connectionId,
      );
      if (!facts || this.credentialsFor === null) {
        response.status(facts ? 401 : 404).json({ error: 'ended' });
        return;
      }
      response.json({
        token: mockCredentials.service.token({
          onBehalfOf: mockCredentials.user(
            this.credentialsFor ?? facts.principal.entityRef,
          ),
          targetPluginId: by,
        }),
        expiresAt: Date.now() + this.credentialsLifetimeMs,
      });
    });

    router.post('/internal/uses', (request, response) => {
      this.uses.push(...request.body.uses);
      response.status(204).end();
    });
  }
}
