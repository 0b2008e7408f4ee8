import {
  AuditorEvent,
  DefaultAuditorService,
} from '@backstage/backend-defaults/auditor';
import { permissionsServiceFactory } from '@backstage/backend-defaults/permissions';
import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import permissionPlugin from '@backstage/plugin-permission-backend';
import agentAuthPlugin from '@prompt-corner/plugin-agent-auth-backend';
import { callTool } from '../__testUtils__/callTool';
import { connect } from '../__testUtils__/connect';
import {
  makePersonalToken,
  PersonalToken,
  revokePersonalToken,
} from '../__testUtils__/personalTokens';
import {
  realAuth,
  realAuthConfig,
  signIn,
} from '@prompt-corner/backend-testing';
import { HIDDEN, restrictivePolicy } from '../__testUtils__/restrictivePolicy';
import {
  exampleOrganisation,
  Portal,
  startPortal,
} from '../__testUtils__/startPortal';

jest.setTimeout(120_000);

const JOAN = 'user:default/joan';
const LINUS = 'user:default/linus';
const SECRET = 'a secret of at least thirty-two characters';
const FOR_A_PORTAL = {
  path: '/api/mcp-portal/v1/default',
  scope: 'tools:read',
};
const FOR_MODELS = { path: '/api/ai-proxy', scope: 'models:use' };

const agentAuth = { organisationInterval: { milliseconds: 200 } };

// Backstage's auth backend reads client documents of loopback hosts only then.
const environment = process.env.NODE_ENV;
beforeAll(() => {
  process.env.NODE_ENV = 'development';
});
afterAll(() => {
  process.env.NODE_ENV = environment;
});

describe('agents with tokens of agent-auth', () => {
  const audit: AuditorEvent[] = [];
  let portal: Portal;
  let linus: PersonalToken;

  beforeAll(async () => {
    portal = await startPortal({
      agentAuth: agentAuthPlugin,
      features: [
        ...realAuth,
        permissionsServiceFactory,
        permissionPlugin,
        restrictivePolicy,
        keepAudit(audit),
      ],
      config: {
        ...realAuthConfig,
        permission: { enabled: true },
        backend: {
          baseUrl: 'http://localhost',
          auth: {
            externalAccess: [
              {
                type: 'static',
                options: { token: 'static-token', subject: 'static' },
              },
            ],
          },
        },
        agentAuth: {
          ...agentAuth,
          clients: [
            {
              id: 'release-bot',
              name: 'Release bot',
              secret: SECRET,
              entityRef: 'component:default/payments-api',
              serviceResources: [
                { resource: 'catalog', scopes: ['catalog:read'] },
              ],
            },
          ],
        },
        // As where nothing is configured.
        catalogMcp: { acceptBackstageTokens: undefined },
      },
    });
    linus = await makePersonalToken(portal, LINUS);
  });

  it('find out where to sign in and what to ask for', async () => {
    const response = await callTool(portal);
    expect(response.status).toBe(401);
    const documentUrl = `${portal.url}/.well-known/oauth-protected-resource/api/catalog-mcp/v1`;
    expect(response.headers.get('www-authenticate')).toBe(
      `Bearer resource_metadata="${documentUrl}", scope="catalog:read"`,
    );

    const document = await fetch(documentUrl);
    expect(document.headers.get('access-control-allow-origin')).toBe('*');
    expect(await document.json()).toEqual({
      resource: portal.endpoint,
      resource_name: 'Software catalog',
      authorization_servers: [`${portal.url}/api/agent-auth`],
      scopes_supported: ['catalog:read'],
      bearer_methods_supported: ['header'],
      dpop_signing_alg_values_supported: expect.arrayContaining(['ES256']),
    });
    const server = await fetch(
      `${portal.url}/.well-known/oauth-authorization-server/api/agent-auth`,
    );
    expect((await server.json()).issuer).toBe(`${portal.url}/api/agent-auth`);
  });

  it('read with the permissions of their users', async () => {
    const forJoan = await connect(
      portal,
      (
        await makePersonalToken(portal, JOAN)
      ).authorization,
    );
    const forLinus = await connect(portal, linus.authorization);
    const services = { kind: 'component', type: 'service', limit: 100 };
    const hers = await forJoan.ask('find_entities', services);
    const his = await forLinus.ask('find_entities', services);
    expect(JSON.stringify(his)).toMatch(HIDDEN);
    expect(JSON.stringify(hers)).not.toMatch(HIDDEN);
    expect(hers.total).toBeGreaterThan(0);
    expect(hers.total).toBeLessThan(his.total);
    expect(await forJoan.fail('get_entity', { ref: 'payments-db' })).toContain(
      'There is no entity',
    );
    const below = { ref: 'web-shop', depth: 5, limit: 200 };
    expect(
      JSON.stringify(await forLinus.ask('get_dependencies', below)),
    ).toMatch(HIDDEN);
    expect(
      JSON.stringify(await forJoan.ask('get_dependencies', below)),
    ).not.toMatch(HIDDEN);

    expect((await forLinus.ask('get_team')).ref).toBe(
      'group:default/payments-team',
    );
  });

  it('may be services, which read what the catalog lets the plugin read', async () => {
    const response = await fetch(`${portal.url}/api/agent-auth/oauth/token`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(
          `release-bot:${encodeURIComponent(SECRET)}`,
        ).toString('base64')}`,
      },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        resource: portal.endpoint,
        scope: 'catalog:read',
      }),
    });
    const { access_token } = await response.json();
    const bot = await connect(portal, `Bearer ${access_token}`);
    expect((await bot.ask('get_entity', { ref: 'payments-api' })).owner).toBe(
      'group:default/payments-team',
    );
    expect(await bot.fail('get_team')).toContain('signed in as a service');
  });

  it('get in with no token that is for another resource', async () => {
    for (const resource of [FOR_A_PORTAL, FOR_MODELS]) {
      const { authorization } = await makePersonalToken(
        portal,
        LINUS,
        resource,
      );
      const response = await callTool(portal, { authorization });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toMatch(
        /error="invalid_token".*another resource.*scope="catalog:read"/,
      );
    }
  });

  it('get in with no token of Backstage', async () => {
    for (const authorization of [
      await signIn(portal.url, LINUS),
      'Bearer static-token',
    ]) {
      const response = await callTool(portal, { authorization });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toMatch(
        /error="invalid_token".*scope="catalog:read"/,
      );
      expect(await response.text()).not.toContain('payments-team');
    }
  });

  it('are out within 5 seconds of the revocation, and others are not', async () => {
    const token = await makePersonalToken(portal, LINUS);
    const statusOf = async ({ authorization }: PersonalToken) =>
      (await callTool(portal, { authorization })).status;
    expect(await statusOf(token)).toBe(200);
    await revokePersonalToken(portal, LINUS, token);
    const revokedAt = performance.now();
    while ((await statusOf(token)) === 200) {
      expect(performance.now() - revokedAt).toBeLessThan(5_000);
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    expect(await statusOf(token)).toBe(401);
    expect(await statusOf(linus)).toBe(200);
  });

  it('are in the audit log by UUID, client and connection, without names and tokens', async () => {
    audit.length = 0;
    const { authorization, principal, connectionId } = linus;
    const response = await callTool(
      portal,
      { authorization, 'user-agent': 'test-agent/1' },
      { name: 'get_owner', arguments: { ref: 'payments' } },
    );
    expect(response.status).toBe(200);
    await response.text();
    const calls = audit.filter(
      ({ plugin, eventId }) =>
        plugin === 'catalog-mcp' && eventId === 'tool-call',
    );
    expect(calls.map(({ status }) => status)).toEqual([
      'initiated',
      'succeeded',
    ]);
    expect(calls[1]).toMatchObject({
      actor: { actorId: 'plugin:catalog-mcp' },
      meta: {
        tool: 'get_owner',
        subject: 'payments',
        client: 'test-agent/1',
        principal,
        clientId: 'personal-token',
        connectionId,
        address: expect.stringMatching(/^(127\.0\.0\.1|::1)$/),
        userAgent: 'test-agent/1',
        outcome: 'ok',
      },
    });
    expect(JSON.stringify(calls)).not.toContain('user:default/');
    expect(JSON.stringify(calls)).not.toContain(authorization.slice(7));
  });
});

describe('where an administrator accepts tokens of Backstage as well', () => {
  let portal: Portal;

  beforeAll(async () => {
    portal = await startPortal({
      agentAuth: agentAuthPlugin,
      entities: exampleOrganisation().filter(({ kind }) =>
        ['User', 'Group'].includes(kind),
      ),
      features: realAuth,
      config: { ...realAuthConfig, agentAuth },
    });
  });

  it('lets users of the portal and agents in, and nobody else', async () => {
    const { authorization: ofAgent } = await makePersonalToken(portal, LINUS);
    for (const authorization of [await signIn(portal.url, LINUS), ofAgent]) {
      const response = await callTool(portal, { authorization });
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('group:default/payments-team');
    }
    const { authorization: ofOther } = await makePersonalToken(
      portal,
      LINUS,
      FOR_A_PORTAL,
    );
    for (const authorization of [ofOther, 'Bearer garbage', 'Bearer a.b.c']) {
      expect((await callTool(portal, { authorization })).status).toBe(401);
    }
  });
});

/** Backstage's own auditor, whose events are kept. */
function keepAudit(events: AuditorEvent[]) {
  return createServiceFactory({
    service: coreServices.auditor,
    deps: {
      auth: coreServices.auth,
      httpAuth: coreServices.httpAuth,
      plugin: coreServices.pluginMetadata,
    },
    factory: deps =>
      DefaultAuditorService.create(event => {
        events.push(event);
      }, deps),
  });
}
