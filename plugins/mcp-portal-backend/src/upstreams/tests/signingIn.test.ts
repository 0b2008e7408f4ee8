import { setTimeout as sleep } from 'node:timers/promises';
import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { ServiceUnavailableError } from '@backstage/errors';
import { SecretBox } from '@prompt-corner/encryption';
import { noApis } from '../../apis/__testUtils__/noApis';
import { startProtectedServer } from '../../credentials/__testUtils__/startProtectedServer';
import {
  ADA,
  BOB,
  callerOf,
  startWorld,
  uuidOf,
  type World,
} from '../../credentials/__testUtils__/startWorld';
import { TestBrowser } from '../../credentials/__testUtils__/TestBrowser';
import { portalCaller } from '../../callers/portalCaller';
import { PortalUnavailableError } from '../../registry';
import {
  upstreamFetch,
  UpstreamRequest,
  Upstreams,
  UpstreamSessions,
  UpstreamSnapshots,
} from '..';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

describe.each(databases.eachSupportedId())(
  'calling a server at which each user signs in on %s',
  databaseId => {
    let world: World;
    let stop: () => Promise<void>;
    afterEach(async () => {
      await stop();
      await world.stop();
    });

    async function start() {
      const database = await databases.init(databaseId);
      world = await startWorld(database);
      const tracker = await startProtectedServer(world.as, [
        { name: 'list', run: () => 'five' },
        { name: 'create', run: () => 'made' },
      ]);
      stop = tracker.stop;
      const server = {
        entityRef: 'api:default/tracker',
        name: 'tracker',
        remotes: [{ type: 'streamable-http' as const, url: tracker.url }],
      };
      world.servers.push({ ...server, url: tracker.url, stop } as never);
      world.configured.set('tracker', { mode: 'oauth' });
      const credentials = world.replica();
      const logger = mockServices.logger.mock();
      const upstreams = new Upstreams({
        specifications: noApis,
        sessions: new UpstreamSessions({
          database,
          logger,
          sealer: new SecretBox(
            [{ id: 'k', secret: 'secret of these tests' }],
            {
              purpose: 'sessions',
              configKey: 'mcpPortal.encryption.keys',
            },
          ),
        }),
        signIn: credentials.upstream,
        fetchFor: upstreamFetch({ logger }),
        logger,
        version: '1',
      });
      const call = (
        name: string,
        {
          user = ADA,
          ...more
        }: Partial<UpstreamRequest> & { user?: string } = {},
      ) =>
        upstreams.request({
          server,
          caller: callerOf(user),
          client: { session: 'of the test', capabilities: {} },
          method: 'tools/call',
          params: { name, arguments: {} },
          repeatable: false,
          signal: new AbortController().signal,
          timeoutMs: 10_000,
          ...more,
        });
      const snapshots = new UpstreamSnapshots({
        specifications: noApis,
        upstreams,
        caller: portalCaller({ auth: mockServices.auth() }),
        signIn: credentials.upstream,
        presentOf: uuids => world.presentOf(uuids),
      });
      const look = (as?: string) =>
        snapshots.read(server, { signal: new AbortController().signal, as });
      const browser = new TestBrowser(world, ADA);
      await browser.connect('tracker', 'ada@tracker');
      /** As if a token had been good for long, and were good no more. */
      const endTokens = async () => {
        await world.database('user_credentials').update({
          issued_at: new Date(Date.now() - 3_600_000),
        });
        const headers = await credentials.upstream.headersFor(
          { ...server, url: tracker.url },
          callerOf(ADA),
        );
        const token = await world.as.provider.AccessToken.find(
          headers.authorization.slice('Bearer '.length),
        );
        await token!.destroy();
        return token!;
      };
      return { tracker, call, look, browser, endTokens, credentials };
    }

    it('works on with a new token when a server takes the old one no more', async () => {
      const { call, endTokens } = await start();
      await call('list');
      await endTokens();
      expect(await call('list')).toMatchObject({ content: [{ text: 'five' }] });
      expect(world.as.grants).toEqual(['authorization_code', 'refresh_token']);
    });

    it('does not refresh again for a request whose token was refreshed meanwhile', async () => {
      const { tracker, call, endTokens } = await start();
      await call('list');
      await endTokens();
      let slow: () => void = () => {};
      const held = new Promise<void>(resolve => {
        slow = resolve;
      });
      let isFirst = true;
      tracker.beforeRequest = async () => {
        if (isFirst) {
          isFirst = false;
          await held;
        }
      };
      const late = call('list');
      while (isFirst) {
        await sleep(5);
      }
      await call('list');
      // The token has been good for a while when the refusal of the old one arrives.
      await world.database('user_credentials').update({
        issued_at: new Date(Date.now() - 3_600_000),
      });
      slow();
      expect(await late).toMatchObject({ content: [{ text: 'five' }] });
      expect(world.as.grants).toEqual(['authorization_code', 'refresh_token']);
    });

    it('asks the user to connect it again when there is no better token, also those who wait for the handshake of another request', async () => {
      const { tracker, call, endTokens } = await start();
      const { grantId } = await endTokens();
      await world.as.provider.Grant.find(grantId!).then(grant =>
        grant!.destroy(),
      );
      // So long that the second request meets the handshake of the first one.
      tracker.beforeRequest = async () => sleep(300);
      const both = await Promise.allSettled([call('list'), call('list')]);
      expect(both).toMatchObject([
        { reason: { name: 'AuthorizationNeededError' } },
        { reason: { name: 'AuthorizationNeededError' } },
      ]);
      expect(tracker.refusals).toBe(1);
    });

    it('asks for the scope that a tool needs besides, once', async () => {
      const { tracker, call, browser } = await start();
      tracker.scopes.create = 'tools:write';
      await call('list');
      const needed = await call('create').catch(error => error);
      expect(needed).toMatchObject({ name: 'AuthorizationNeededError' });
      // What was granted is of use meanwhile.
      await call('list');

      const url = await browser.begin('tracker', needed.elicitationId);
      expect(new URL(url).searchParams.get('scope')!.split(' ').sort()).toEqual(
        ['offline_access', 'tools:read', 'tools:write'],
      );
      await browser.finish(await browser.authorize(url, 'ada@tracker'));
      expect(await call('create')).toMatchObject({
        content: [{ text: 'made' }],
      });
      // A server that asks for what was granted would have the user ask for ever.
      tracker.scopes.create = 'tools:write tools:read';
      await expect(call('create')).rejects.toMatchObject({
        name: 'UpstreamError',
        failure: 'forbidden',
      });
    });

    it('is looked at with the connection of the given user, or not at all', async () => {
      const { tracker, look, endTokens, browser } = await start();
      await endTokens();
      expect((await look(uuidOf(ADA))).tools).toHaveLength(2);
      expect(world.as.grants).toContain('refresh_token');
      expect(new Set(tracker.asked.map(at => at.split(' ')[0]))).toEqual(
        new Set(['ada@tracker']),
      );

      tracker.asked = [];
      const refusal =
        /Connect the server first, at https:\/\/\S+\?server=tracker, then/;
      await expect(look()).rejects.toThrow(refusal);
      await expect(look(uuidOf(BOB))).rejects.toThrow(refusal);
      // A connection that is still there is not used for somebody who has left.
      world.gone.add(ADA);
      await expect(look(uuidOf(ADA))).rejects.toThrow(refusal);
      world.gone.clear();
      await browser.api('DELETE', '/credentials/tracker');
      await expect(look(uuidOf(ADA))).rejects.toThrow(refusal);
      expect(tracker.asked).toEqual([]);
    });

    it('is not looked at while nobody says whether that user is still there, which is no fault of it', async () => {
      const { tracker, look } = await start();
      tracker.asked = [];
      world.presentOf = async () => {
        throw new ServiceUnavailableError('agent-auth does not answer');
      };
      await expect(look(uuidOf(ADA))).rejects.toBeInstanceOf(
        PortalUnavailableError,
      );
      expect(tracker.asked).toEqual([]);
    });
  },
);
