import { setTimeout as sleep } from 'node:timers/promises';
import { TestDatabases } from '@backstage/backend-test-utils';
import { accountAt } from '../__testUtils__/startMcpServer';
import {
  ADA,
  BOB,
  callerOf,
  CONNECT_PAGE,
  startWorld,
  uuidOf,
  type World,
} from '../__testUtils__/startWorld';
import {
  FIXED_CLIENT,
  startAuthorizationServer,
} from '../__testUtils__/startAuthorizationServer';
import { TestBrowser } from '../__testUtils__/TestBrowser';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

describe.each(databases.eachSupportedId())(
  'Connecting a server on %s',
  databaseId => {
    let world: World;
    afterEach(() => world.stop());

    async function start() {
      world = await startWorld(await databases.init(databaseId));
      const gitlab = await world.addServer('gitlab', { mode: 'oauth' });
      const credentials = world.replica();
      return { gitlab, credentials, upstream: credentials.upstream };
    }

    /** As if time had passed: the access token is about to expire. */
    const age = () =>
      world.database('user_credentials').update({
        access_expires_at: new Date(Date.now() + 20_000),
        issued_at: new Date(Date.now() - 3_600_000),
      });

    const neededFor = async (promise: Promise<unknown>) => {
      const error = await promise.then(
        () => undefined,
        thrown => thrown,
      );
      expect(error).toMatchObject({ name: 'AuthorizationNeededError' });
      return error as { url: string; elicitationId: string; message: string };
    };

    it('asks the user by a link, and then calls it as the user', async () => {
      const { gitlab, upstream } = await start();
      const ada = callerOf(ADA);
      const needed = await neededFor(upstream.headersFor(gitlab, ada));
      expect(needed.url).toBe(
        `${CONNECT_PAGE}?server=gitlab&request=${needed.elicitationId}`,
      );
      // However often an agent asks, there is one link.
      const again = await neededFor(upstream.headersFor(gitlab, ada));
      expect(again.elicitationId).toBe(needed.elicitationId);

      const browser = new TestBrowser(world, ADA);
      const authorizationUrl = new URL(
        await browser.begin('gitlab', needed.elicitationId),
      );
      expect(Object.fromEntries(authorizationUrl.searchParams)).toMatchObject({
        response_type: 'code',
        code_challenge_method: 'S256',
        resource: gitlab.url,
        scope: 'tools:read offline_access',
        redirect_uri: `${world.baseUrl}/oauth/callback`,
      });
      const callback = await browser.authorize(
        authorizationUrl.href,
        'ada@gitlab',
      );
      expect(await browser.finish(callback)).toMatchObject({
        status: 200,
        body: { server: 'gitlab' },
      });

      const headers = await upstream.headersFor(gitlab, ada);
      expect(await accountAt(gitlab, headers)).toBe('ada@gitlab');
      await neededFor(upstream.headersFor(gitlab, callerOf(BOB)));
      const { body } = await browser.api('GET', '/credentials');
      expect(body.items).toEqual([
        {
          server: gitlab.entityRef,
          name: 'gitlab',
          state: 'connected',
          scopes: ['tools:read'],
          neededScopes: [],
          connectedAt: expect.any(String),
        },
      ]);
      const token = headers.authorization.slice('Bearer '.length);
      expect(JSON.stringify(body)).not.toContain(token);
      expect(world.logged()).not.toContain(token);
      for (const table of ['user_credentials', 'client_registrations']) {
        expect(JSON.stringify(await world.database(table))).not.toContain(
          token,
        );
      }
      expect(await world.database('authorization_flows')).toEqual([]);
      expect(
        await world
          .database('authorization_requests')
          .where({ user: uuidOf(ADA) }),
      ).toEqual([]);
    });

    it('works as a client with a secret that an administrator registered', async () => {
      const { gitlab, upstream } = await start();
      world.configured.set('gitlab', {
        mode: 'oauth',
        issuer: world.as.issuer,
        client: FIXED_CLIENT,
        scopes: ['tools:read', 'tools:write'],
      });
      const browser = new TestBrowser(world, ADA);
      await browser.connect('gitlab', 'ada@gitlab');
      await age();
      const headers = await upstream.headersFor(gitlab, callerOf(ADA));
      expect(await accountAt(gitlab, headers)).toBe('ada@gitlab');
      expect(world.as.grants).toEqual(['authorization_code', 'refresh_token']);
      expect(await world.database('client_registrations')).toEqual([]);
    });

    it('registers once, and as the same client in all replicas', async () => {
      const { gitlab } = await start();
      const other = world.replica();
      await Promise.all(
        [ADA, BOB].map(user => new TestBrowser(world, user).begin('gitlab')),
      );
      expect(await world.database('client_registrations')).toHaveLength(1);
      const begun = await other.connections.start(uuidOf(ADA), gitlab);
      const first = await new TestBrowser(world, BOB).begin('gitlab');
      const clientOf = (url: string) =>
        new URL(url).searchParams.get('client_id');
      expect(clientOf(begun.authorizationUrl)).toBe(clientOf(first));
    });

    it('refreshes once, however many calls and replicas need it at the same time', async () => {
      const { gitlab, upstream } = await start();
      await new TestBrowser(world, ADA).connect('gitlab', 'ada@gitlab');
      const replicas = [
        upstream,
        world.replica().upstream,
        world.replica().upstream,
      ];
      for (let round = 1; round <= 3; round++) {
        await age();
        const all = await Promise.all(
          Array.from({ length: 15 }, (_, index) =>
            replicas[index % 3].headersFor(gitlab, callerOf(ADA)),
          ),
        );
        expect(new Set(all.map(headers => headers.authorization)).size).toBe(1);
        expect(await accountAt(gitlab, all[0])).toBe('ada@gitlab');
        // The authorization server ends the grant of a refresh token that comes twice.
        expect(world.as.grants).toEqual([
          'authorization_code',
          ...Array(round).fill('refresh_token'),
        ]);
      }
    });

    it('waits for a replica that refreshes, and takes over from one that died', async () => {
      const { gitlab, upstream } = await start();
      await new TestBrowser(world, ADA).connect('gitlab', 'ada@gitlab');
      await age();
      const hold = (untilMs: number) =>
        world
          .database('user_credentials')
          .update({ refreshing_until: new Date(Date.now() + untilMs) });
      await hold(60_000);
      const waiting = upstream.headersFor(gitlab, callerOf(ADA));
      await expect(Promise.race([waiting, sleep(300, 'waits')])).resolves.toBe(
        'waits',
      );
      expect(world.as.grants).toEqual(['authorization_code']);
      await hold(-1);
      expect(await accountAt(gitlab, await waiting)).toBe('ada@gitlab');
      expect(world.as.grants).toEqual(['authorization_code', 'refresh_token']);
    });

    it('asks the user again once the authorization server takes the tokens no more', async () => {
      const { gitlab, upstream } = await start();
      const ada = callerOf(ADA);
      const browser = new TestBrowser(world, ADA);
      await browser.connect('gitlab', 'ada@gitlab');
      const headers = await upstream.headersFor(gitlab, ada);
      const token = await world.as.provider.AccessToken.find(
        headers.authorization.slice('Bearer '.length),
      );
      await world.as.provider.Grant.find(token!.grantId!).then(grant =>
        grant!.destroy(),
      );
      await age();
      await neededFor(upstream.headersFor(gitlab, ada));
      const { body } = await browser.api('GET', '/credentials');
      expect(body.items[0].state).toBe('expired');
      await browser.connect('gitlab', 'ada@gitlab');
      expect(
        await accountAt(gitlab, await upstream.headersFor(gitlab, ada)),
      ).toBe('ada@gitlab');
    });

    it('keeps a token that is still good while the authorization server is down', async () => {
      const { gitlab, upstream } = await start();
      await new TestBrowser(world, ADA).connect('gitlab', 'ada@gitlab');
      const before = await upstream.headersFor(gitlab, callerOf(ADA));
      await age();
      world.as.beforeToken = async () => {
        throw new Error('down');
      };
      expect(await upstream.headersFor(gitlab, callerOf(ADA))).toEqual(before);
      await world
        .database('user_credentials')
        .update({ access_expires_at: new Date(Date.now() - 1_000) });
      await expect(upstream.headersFor(gitlab, callerOf(ADA))).rejects.toThrow(
        /answered with status 500/,
      );
      world.as.beforeToken = async () => {};
      const after = await upstream.headersFor(gitlab, callerOf(ADA));
      expect(await accountAt(gitlab, after)).toBe('ada@gitlab');
    });

    it('finds a better token when one is refused, and tells when there is none', async () => {
      const { gitlab, upstream } = await start();
      const ada = callerOf(ADA);
      await new TestBrowser(world, ADA).connect('gitlab', 'ada@gitlab');
      const old = await upstream.headersFor(gitlab, ada);
      await age();
      const invalid = (headers: Record<string, string>) => ({
        status: 401,
        challenge: 'Bearer error="invalid_token"',
        headers,
      });
      // Another call has refreshed it already.
      const current = await upstream.headersFor(gitlab, ada);
      expect(await upstream.refused(gitlab, ada, invalid(old))).toBe('retry');
      expect(world.as.grants).toHaveLength(2);
      // It has been good for a while, so a new one may be better.
      await world.database('user_credentials').update({
        issued_at: new Date(Date.now() - 3_600_000),
      });
      expect(await upstream.refused(gitlab, ada, invalid(current))).toBe(
        'retry',
      );
      expect(world.as.grants).toHaveLength(3);
      const newest = await upstream.headersFor(gitlab, ada);
      expect(
        await upstream.refused(gitlab, ada, { status: 401, headers: newest }),
      ).toBe('authorize');
      await neededFor(upstream.refused(gitlab, ada, invalid(newest)));
      await neededFor(upstream.headersFor(gitlab, ada));
    });

    it('does not ask for another token when a server forbids something', async () => {
      const { gitlab, upstream } = await start();
      const ada = callerOf(ADA);
      await new TestBrowser(world, ADA).connect('gitlab', 'ada@gitlab');
      await world.database('user_credentials').update({
        issued_at: new Date(Date.now() - 3_600_000),
      });
      const headers = await upstream.headersFor(gitlab, ada);
      expect(
        await upstream.refused(gitlab, ada, { status: 403, headers }),
      ).toBe('authorize');
      expect(world.as.grants).toEqual(['authorization_code']);
      expect(await upstream.headersFor(gitlab, ada)).toEqual(headers);
    });

    it('asks for what a tool needs besides, and keeps working without', async () => {
      const { gitlab, upstream } = await start();
      const ada = callerOf(ADA);
      const browser = new TestBrowser(world, ADA);
      await browser.connect('gitlab', 'ada@gitlab');
      const headers = await upstream.headersFor(gitlab, ada);
      const needed = await neededFor(
        upstream.refused(gitlab, ada, {
          status: 403,
          challenge: 'Bearer error="insufficient_scope", scope="tools:write"',
          headers,
        }),
      );
      expect(await upstream.headersFor(gitlab, ada)).toEqual(headers);
      const listed = await browser.api('GET', '/credentials');
      expect(listed.body.items[0]).toMatchObject({
        state: 'connected',
        neededScopes: ['tools:write'],
      });

      const url = await browser.begin('gitlab', needed.elicitationId);
      expect(new URL(url).searchParams.get('scope')).toBe(
        'tools:read offline_access tools:write',
      );
      await browser.finish(await browser.authorize(url, 'ada@gitlab'));
      const more = await upstream.headersFor(gitlab, ada);
      const seen = await fetch(gitlab.url, { headers: more });
      expect((await seen.json()).scope).toBe('tools:read tools:write');
      // All that it names is granted: no endless circle.
      expect(
        await upstream.refused(gitlab, ada, {
          status: 403,
          challenge: 'Bearer error="insufficient_scope", scope="tools:write"',
          headers: more,
        }),
      ).toBe('authorize');
    });

    it('gives tokens of one authorization server to no other', async () => {
      const { gitlab, upstream } = await start();
      const ada = callerOf(ADA);
      await new TestBrowser(world, ADA).connect('gitlab', 'ada@gitlab');
      const other = await startAuthorizationServer();
      world.trustedHosts.add(other.host);
      gitlab.as = other;
      // A replica that has not asked the server before.
      const restarted = world.replica().upstream;
      await neededFor(restarted.headersFor(gitlab, ada));
      await neededFor(
        restarted.refused(gitlab, ada, {
          status: 401,
          challenge: 'Bearer error="invalid_token"',
        }),
      );
      expect(other.grants).toEqual([]);
      // At another URL, a server is another resource.
      const moved = {
        ...gitlab,
        url: gitlab.url.replace('localhost', '127.0.0.1'),
      };
      await expect(upstream.headersFor(moved, ada)).rejects.toThrow(
        /another resource/,
      );
      gitlab.as = world.as;
      const headers = await upstream.headersFor(gitlab, ada);
      expect(await accountAt(gitlab, headers)).toBe('ada@gitlab');
      await other.stop();
    });

    it('ends by the user or by an administrator, at the authorization server too', async () => {
      const { gitlab, upstream } = await start();
      const ada = new TestBrowser(world, ADA);
      const bob = new TestBrowser(world, BOB);
      await ada.connect('gitlab', 'ada@gitlab');
      await bob.connect('gitlab', 'bob@gitlab');
      const headers = await upstream.headersFor(gitlab, callerOf(ADA));
      expect((await ada.api('DELETE', '/credentials/gitlab')).status).toBe(204);
      await neededFor(upstream.headersFor(gitlab, callerOf(ADA)));
      expect(await accountAt(gitlab, headers)).toBeUndefined();
      expect(
        await accountAt(
          gitlab,
          await upstream.headersFor(gitlab, callerOf(BOB)),
        ),
      ).toBe('bob@gitlab');

      const admin = new TestBrowser(world, 'user:default/admin');
      const path = '/admin/credentials/gitlab/connections';
      expect((await bob.api('DELETE', path)).status).toBe(403);
      expect(await admin.api('DELETE', path)).toMatchObject({
        body: { ended: 1 },
      });
      await neededFor(upstream.headersFor(gitlab, callerOf(BOB)));
      expect(await world.database('user_credentials')).toEqual([]);
    });

    it('leaves nothing behind when it is disconnected during a refresh', async () => {
      const { gitlab, upstream, credentials } = await start();
      await new TestBrowser(world, ADA).connect('gitlab', 'ada@gitlab');
      await age();
      world.as.beforeToken = async () => {
        world.as.beforeToken = async () => {};
        await credentials.connections.end({ user: uuidOf(ADA) });
      };
      await neededFor(upstream.headersFor(gitlab, callerOf(ADA)));
      expect(await world.database('user_credentials')).toEqual([]);
    });
  },
);
