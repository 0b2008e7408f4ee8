import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { describing } from '../../apis/__testUtils__/descriptions';
import { ApiSpecification } from '../../apis';
import { Upstreams, upstreamFetch } from '../../upstreams';
import type { TestMcpServer } from '../__testUtils__/startMcpServer';
import { callerOf, startWorld, World } from '../__testUtils__/startWorld';
import { TestBrowser } from '../__testUtils__/TestBrowser';

jest.setTimeout(60_000);

const ADA = 'user:default/ada';
const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

const needing = (...scopes: string[]) => ({
  security: [{ login: scopes }],
  responses: { 200: { description: 'OK' } },
});

const DESCRIPTION = describing(
  {
    '/issues': { get: needing('tools:read'), post: needing('tools:write') },
    '/either': {
      get: {
        ...needing(),
        security: [{ login: ['tools:write'] }, { login: ['tools:read'] }],
      },
    },
    '/key': { get: { ...needing(), security: [{ key: [] }] } },
    '/open': {
      get: { ...needing(), security: [{ login: ['tools:write'] }, {}] },
    },
    '/login-or-key': {
      get: {
        ...needing(),
        security: [{ key: [] }, { login: ['tools:write'] }],
      },
    },
  },
  {
    components: {
      securitySchemes: {
        key: { type: 'apiKey', in: 'header', name: 'x-key' },
        login: {
          type: 'oauth2',
          flows: {
            authorizationCode: {
              scopes: {
                'tools:read': 'See issues',
                'tools:write': 'Change issues',
                'with space': 'No scope',
              },
            },
          },
        },
      },
    },
  },
);

describe.each(databases.eachSupportedId())(
  'What a user lets the portal do at an API, on %s',
  databaseId => {
    let world: World;
    let server: TestMcpServer;
    let browser: TestBrowser;
    let request: (method: string, path: string) => Promise<any>;

    beforeEach(async () => {
      world = await startWorld(await databases.init(databaseId));
      server = await world.addServer('tracker', { mode: 'oauth' });
      const api = await ApiSpecification.read(DESCRIPTION);
      world.described = [...api.scopes];
      const upstreams = new Upstreams({
        specifications: { of: async () => api },
        sessions: {} as never,
        signIn: world.replica().upstream,
        fetchFor: upstreamFetch({ logger: mockServices.logger.mock() }),
        logger: mockServices.logger.mock(),
        version: '1',
      });
      browser = new TestBrowser(world, ADA);
      request = async (method, path) => {
        const key = `${method} ${path}`;
        const result = await upstreams.request({
          server: {
            entityRef: server.entityRef,
            name: server.name,
            remotes: [{ type: 'openapi', url: server.url }],
          },
          caller: callerOf(ADA),
          client: { session: 's', capabilities: {} },
          method: 'tools/call',
          params: { name: key, arguments: { method, path, parameters: {} } },
          toolDefinition: api.operations.get(key)?.definition,
          repeatable: false,
          signal: new AbortController().signal,
          timeoutMs: 10_000,
        });
        return result.structuredContent;
      };
    });
    afterEach(() => world.stop());

    it('is shown, as the API describes it', async () => {
      const { body } = await browser.api('GET', '/credentials/tracker/scopes');
      expect(body.items).toEqual([
        {
          name: 'tools:read',
          description: 'See issues',
          granted: false,
          needed: false,
        },
        {
          name: 'tools:write',
          description: 'Change issues',
          granted: false,
          needed: false,
        },
      ]);
    });

    it('is all that is asked for, and all that is done', async () => {
      const url = new URL(
        await browser.begin('tracker', undefined, ['tools:read']),
      );
      expect(url.searchParams.get('scope')).toBe('tools:read offline_access');
      await browser.connect('tracker', 'ada@tracker', undefined, [
        'tools:read',
      ]);
      expect(await request('GET', '/issues')).toMatchObject({
        status: 200,
        body: { account: 'ada@tracker', scope: 'tools:read' },
      });
      await expect(request('POST', '/issues')).rejects.toMatchObject({
        name: 'NotAllowedError',
        message: expect.stringMatching(
          /POST \/issues needs the scope "tools:write".* at https:.*server=tracker/,
        ),
      });
      const { body } = await browser.api('GET', '/credentials/tracker/scopes');
      expect(body.items).toMatchObject([{ granted: true }, { granted: false }]);
    });

    it('is one of the ways in which an operation is allowed', async () => {
      await browser.connect('tracker', 'ada@tracker', undefined, [
        'tools:read',
      ]);
      for (const path of ['/either', '/key', '/open']) {
        expect(await request('GET', path)).toMatchObject({ status: 200 });
      }
      // The key is not what the portal signs in with.
      await expect(request('GET', '/login-or-key')).rejects.toThrow(
        'the scope "tools:write"',
      );
    });

    it('can be narrowed later, and stays so', async () => {
      await browser.connect('tracker', 'ada@tracker', undefined, [
        'tools:read',
        'tools:write',
      ]);
      expect(await request('POST', '/issues')).toMatchObject({ status: 200 });
      await browser.connect('tracker', 'ada@tracker', undefined, [
        'tools:read',
      ]);
      await expect(request('POST', '/issues')).rejects.toThrow('tools:write');
      // Whoever connects again without a choice does not undo the last one.
      const url = new URL(await browser.begin('tracker'));
      expect(url.searchParams.get('scope')).toBe('tools:read offline_access');
    });

    it('is never more than was chosen, whatever the issuer granted', async () => {
      await browser.connect('tracker', 'ada@tracker', undefined, [
        'tools:read',
      ]);
      // As if the issuer did not care what it was asked for, or a refresh gave more.
      await world
        .database('user_credentials')
        .update({ scope: 'tools:read tools:write' });
      await expect(request('POST', '/issues')).rejects.toThrow('tools:write');
      const { body } = await browser.api('GET', '/credentials');
      expect(body.items[0].scopes).toEqual(['tools:read']);
    });

    it('is nothing that the API does not describe, or an administrator does not ask for', async () => {
      for (const scopes of [['admin'], ['tools:read admin'], []]) {
        await expect(
          browser.begin('tracker', undefined, scopes),
        ).rejects.toThrow('400');
      }
      world.configured.set('tracker', {
        mode: 'oauth',
        scopes: ['tools:read'],
      });
      world.replica();
      await expect(
        browser.begin('tracker', undefined, ['tools:write']),
      ).rejects.toThrow('400');
    });
  },
);
