import { mockCredentials } from '@backstage/backend-test-utils';
import {
  AuthenticationError,
  ServiceUnavailableError,
} from '@backstage/errors';
import { InsufficientScopeError } from '@prompt-corner/plugin-agent-auth-node';
import { callTool } from '../__testUtils__/callTool';
import { FakeAgentAuth, someAgent } from '@prompt-corner/backend-testing';
import { Portal, startPortal } from '../__testUtils__/startPortal';

jest.setTimeout(120_000);

const UNAVAILABLE = new ServiceUnavailableError('at 10.1.2.3:7007');

describe('what an agent is told when it is refused', () => {
  const agentAuth = new FakeAgentAuth();
  let portal: Portal;

  beforeAll(async () => {
    portal = await startPortal({
      entities: [],
      agentAuth: agentAuth.feature,
      config: {
        catalogMcp: {
          authorizationServers: ['https://login.example.com'],
          rateLimit: { requests: 3, window: '1h' },
        },
      },
    });
  });

  const send = (token: string) =>
    callTool(
      portal,
      { authorization: `Bearer ${token}` },
      { name: 'find_entities', arguments: { kind: 'component' } },
    );

  it('is which scope to ask for, even where its token is one of Backstage', async () => {
    const token = mockCredentials.user.token();
    agentAuth.giveToken(
      token,
      new InsufficientScopeError({
        missing: ['catalog:read'],
        required: ['catalog:read'],
      }),
    );
    const response = await send(token);
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toMatch(
      /error="insufficient_scope".*scope="catalog:read"/,
    );
  });

  it('is to try again when agent-auth does not answer, even where its token is one of Backstage', async () => {
    const token = mockCredentials.user.token('user:default/ada');
    agentAuth.giveToken(token, UNAVAILABLE);
    agentAuth.giveToken(
      'half',
      someAgent({
        uuid: 'half',
        backstageCredentials: () => Promise.reject(UNAVAILABLE),
      }),
    );
    for (const affected of [token, 'half']) {
      const response = await send(affected);
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe('5');
      expect(response.headers.get('www-authenticate')).toBeNull();
      expect(await response.json()).toEqual({
        jsonrpc: '2.0',
        id: null,
        error: {
          code: -32000,
          message:
            'The portal cannot tell who is calling right now. Try again in 5 s',
        },
      });
    }
  });

  it('is to sign in again when the portal can no longer act for its user', async () => {
    agentAuth.giveToken(
      'ended',
      someAgent({
        uuid: 'ended',
        backstageCredentials: () =>
          Promise.reject(
            new AuthenticationError(
              "The portal's sign-in of this user has ended. Connect the client again",
            ),
          ),
      }),
    );
    const response = await send('ended');
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(
      /error="invalid_token".*Connect the client again/,
    );
  });

  it('is to wait when its user asks too much, through whichever client', async () => {
    let acted = 0;
    const ofGreedy = (clientId: string) =>
      someAgent({
        uuid: 'greedy',
        client: { id: clientId, name: clientId },
        backstageCredentials: async () => {
          acted++;
          return mockCredentials.user();
        },
      });
    agentAuth.giveToken('greedy-1', ofGreedy('one'));
    agentAuth.giveToken('greedy-2', ofGreedy('two'));
    agentAuth.giveToken('modest', someAgent({ uuid: 'modest' }));
    for (const token of ['greedy-1', 'greedy-2', 'greedy-1']) {
      expect((await send(token)).status).toBe(200);
    }
    const refused = await send('greedy-2');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_000);
    // Whoever is refused makes agent-auth no work.
    expect(acted).toBe(3);
    expect((await send('modest')).status).toBe(200);
  });

  it('names the authorization servers that are configured', async () => {
    const document = await fetch(
      `${portal.url}/.well-known/oauth-protected-resource/api/catalog-mcp/v1`,
    );
    expect((await document.json()).authorization_servers).toEqual([
      'https://login.example.com',
    ]);
  });
});
