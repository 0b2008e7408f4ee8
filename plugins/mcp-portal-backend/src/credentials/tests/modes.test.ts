import { createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { mockCredentials, TestDatabases } from '@backstage/backend-test-utils';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { accountAt } from '../__testUtils__/startMcpServer';
import { FIXED_CLIENT } from '../__testUtils__/startAuthorizationServer';
import {
  ADA,
  BOB,
  callerOf,
  startWorld,
  uuidOf,
  type World,
} from '../__testUtils__/startWorld';

jest.setTimeout(60_000);

const ORIGIN = 'https://gitlab.example.com';
const SERVER = {
  entityRef: 'api:default/gitlab-mcp',
  name: 'gitlab',
  url: `${ORIGIN}/mcp`,
};
const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

describe.each(databases.eachSupportedId())('A credential on %s', databaseId => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld(await databases.init(databaseId));
  });
  afterEach(() => world.stop());

  it('that nobody has set is none', async () => {
    const { settings, upstream } = world.replica();
    await settings.load();
    expect(await upstream.headersFor(SERVER, callerOf(ADA))).toEqual({});
    expect(await upstream.refused(SERVER, callerOf(ADA), { status: 401 })).toBe(
      'authorize',
    );
  });

  it('in headers goes to its origin only', async () => {
    world.configured.set('gitlab', {
      mode: 'header',
      origin: ORIGIN,
      headers: [{ name: 'PRIVATE-TOKEN', value: 'glpat-1' }],
    });
    const { upstream } = world.replica();
    expect(await upstream.headersFor(SERVER, callerOf(ADA))).toEqual({
      'private-token': 'glpat-1',
    });
    for (const url of [
      'https://evil.example/mcp',
      'http://gitlab.example.com/mcp',
      'https://gitlab.example.com:8443/mcp',
      'https://gitlab.example.com@evil.example/mcp',
      'https://gitlab.example.com.evil.example/mcp',
    ]) {
      await expect(
        upstream.headersFor({ ...SERVER, url }, callerOf(ADA)),
      ).rejects.toThrow(/are for https:\/\/gitlab.example.com/);
    }
  });

  it('that says who is calling is short, for one server, and can be verified', async () => {
    world.configured.set('gitlab', {
      mode: 'caller-token',
      groupsClaim: 'groups',
    });
    const replicas = [world.replica(), world.replica()];
    const keys = createRemoteJWKSet(new URL(`${world.baseUrl}/jwks.json`));
    for (const { upstream } of replicas) {
      const { authorization } = await upstream.headersFor(
        SERVER,
        callerOf(ADA),
      );
      const { payload } = await jwtVerify(authorization.slice(7), keys, {
        issuer: world.baseUrl,
        audience: SERVER.url,
        algorithms: ['ES256'],
        typ: 'at+jwt',
        maxTokenAge: '5 minutes',
      });
      expect(payload).toEqual({
        iss: world.baseUrl,
        aud: SERVER.url,
        sub: uuidOf(ADA),
        client_id: 'claude',
        scope: 'portal:use',
        groups: ['group:default/payments'],
        jti: expect.any(String),
        iat: expect.any(Number),
        exp: payload.iat! + 120,
      });
      expect(JSON.stringify(payload)).not.toContain('user:default');
    }
    const published = await (await fetch(`${world.baseUrl}/jwks.json`)).json();
    expect(published.keys).toHaveLength(1);
    expect(published.keys[0].d).toBeUndefined();
    const [stored] = await world.database('portal_keys');
    expect(stored.secret).not.toContain(published.keys[0].kid);
    await expect(
      replicas[0].upstream.headersFor(
        SERVER,
        callerOf(ADA, { kind: 'anonymous' }),
      ),
    ).rejects.toThrow(/Sign in to the portal/);
  });

  it('of the portal’s own is asked for once, and again when it is refused', async () => {
    const gitlab = await world.addServer('gitlab');
    world.configured.set('gitlab', {
      mode: 'client-credentials',
      origin: new URL(gitlab.url).origin,
      tokenEndpoint: `${world.as.issuer}/token`,
      client: FIXED_CLIENT,
      scopes: ['tools:read'],
      resource: gitlab.url,
    });
    const { upstream } = world.replica();
    const all = await Promise.all(
      [ADA, BOB, ADA].map(user => upstream.headersFor(gitlab, callerOf(user))),
    );
    expect(world.as.grants).toEqual(['client_credentials']);
    expect(new Set(all.map(headers => headers.authorization)).size).toBe(1);
    expect(await accountAt(gitlab, all[0])).toBe(FIXED_CLIENT.id);

    // One that was just given would be refused again.
    expect(
      await upstream.refused(gitlab, callerOf(ADA), {
        status: 401,
        headers: all[0],
      }),
    ).toBe('authorize');
    const next = await upstream.headersFor(gitlab, callerOf(ADA));
    expect(next).not.toEqual(all[0]);
    // A late refusal of the old one.
    expect(
      await upstream.refused(gitlab, callerOf(ADA), {
        status: 401,
        headers: all[0],
      }),
    ).toBe('retry');
    expect(await upstream.headersFor(gitlab, callerOf(ADA))).toEqual(next);
    const now = Date.now();
    jest.spyOn(Date, 'now').mockReturnValue(now + 60_000);
    expect(
      await upstream.refused(gitlab, callerOf(BOB), {
        status: 401,
        headers: next,
      }),
    ).toBe('retry');
    jest.restoreAllMocks();
    await upstream.headersFor(gitlab, callerOf(BOB));
    expect(world.as.grants).toHaveLength(3);
  });

  it('that is exchanged is for the caller, whom the authorization server can verify', async () => {
    const seen: URLSearchParams[] = [];
    const endpoint = createServer(async (request, response) => {
      const body = new URLSearchParams(await text(request));
      seen.push(body);
      const { sub } = decodeJwt(body.get('subject_token')!);
      response.writeHead(sub === uuidOf(BOB) ? 400 : 200).end(
        JSON.stringify(
          sub === uuidOf(BOB)
            ? { error: 'invalid_target', error_description: 'secret details' }
            : {
                access_token: `of-${sub}-${seen.length}`,
                token_type: 'Bearer',
                issued_token_type:
                  'urn:ietf:params:oauth:token-type:access_token',
                expires_in: 300,
              },
        ),
      );
    });
    await new Promise<void>(resolve =>
      endpoint.listen(0, '127.0.0.1', resolve),
    );
    const host = `localhost:${(endpoint.address() as AddressInfo).port}`;
    world.trustedHosts.add(host);
    const tokenEndpoint = `http://${host}/token`;
    world.configured.set('gitlab', {
      mode: 'token-exchange',
      origin: ORIGIN,
      tokenEndpoint,
      client: { id: 'portal', secret: 'x y', authMethod: 'client_secret_post' },
      audience: 'gitlab',
    });
    const { upstream } = world.replica();
    const first = await upstream.headersFor(SERVER, callerOf(ADA));
    expect(first).toEqual({ authorization: `Bearer of-${uuidOf(ADA)}-1` });
    expect(await upstream.headersFor(SERVER, callerOf(ADA))).toEqual(first);
    // Whatever the subject token says makes another token.
    const eve = await upstream.headersFor(SERVER, callerOf('user:default/eve'));
    expect(eve.authorization).toContain(uuidOf('user:default/eve'));
    await upstream.headersFor(SERVER, callerOf(ADA, { teams: [] }));
    expect(seen).toHaveLength(3);
    expect(Object.fromEntries(seen[0])).toMatchObject({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      client_id: 'portal',
      client_secret: 'x y',
      audience: 'gitlab',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    });
    await jwtVerify(
      seen[0].get('subject_token')!,
      createRemoteJWKSet(new URL(`${world.baseUrl}/jwks.json`)),
      { audience: tokenEndpoint, subject: uuidOf(ADA) },
    );
    const refused = upstream.headersFor(SERVER, callerOf(BOB));
    await expect(refused).rejects.toThrow(/invalid_target/);
    await expect(refused).rejects.not.toThrow(/secret details/);
    await new Promise(resolve => endpoint.close(resolve));
  });

  it('of Backstage goes to the plugin that it is for, and nowhere else', async () => {
    world.configured.set('gitlab', {
      mode: 'backstage',
      pluginId: 'catalog-mcp',
    });
    const { upstream } = world.replica();
    const own = { ...SERVER, url: 'http://localhost:0/api/catalog-mcp/v1' };
    const { authorization } = await upstream.headersFor(own, callerOf(ADA));
    expect(authorization).toBe(
      mockCredentials.service.header({
        onBehalfOf: mockCredentials.user(ADA),
        targetPluginId: 'catalog-mcp',
      }),
    );
    for (const url of [
      'http://localhost:0/api/catalog-mcp-evil/v1',
      'http://localhost:0/api/catalog-mcp/../evil/v1',
      'http://localhost:0/api/catalog',
      'http://localhost.evil.example/api/catalog-mcp/v1',
      'https://evil.example/api/catalog-mcp/v1',
    ]) {
      await expect(
        upstream.headersFor({ ...SERVER, url }, callerOf(ADA)),
      ).rejects.toThrow(/is not at the plugin/);
    }
  });

  it('is in a partition with no other', async () => {
    const { upstream } = world.replica();
    const partitions = new Set<string>();
    for (const settings of [
      { mode: 'caller-token' },
      { mode: 'oauth' },
      { mode: 'backstage', pluginId: 'x' },
      {
        mode: 'token-exchange',
        origin: ORIGIN,
        tokenEndpoint: ORIGIN,
        client: { id: 'x' },
      },
    ] as const) {
      world.configured.set('gitlab', settings);
      for (const user of [ADA, BOB]) {
        const partition = upstream.partitionOf(SERVER, callerOf(user));
        expect(upstream.partitionOf(SERVER, callerOf(user))).toBe(partition);
        partitions.add(partition);
        partitions.add(
          upstream.partitionOf(SERVER, callerOf(user, { kind: 'service' })),
        );
      }
    }
    expect(partitions.size).toBe(16);
    world.configured.set('gitlab', {
      mode: 'header',
      origin: ORIGIN,
      headers: [{ name: 'x-key', value: 'secret-value' }],
    });
    const shared = upstream.partitionOf(SERVER, callerOf(ADA));
    expect(upstream.partitionOf(SERVER, callerOf(BOB))).toBe(shared);
    expect(partitions).not.toContain(shared);
    expect(shared).not.toContain('secret-value');
  });

  it('does not reach an answer that is no token', async () => {
    const endpoint = createServer((request, response) => {
      const answers: Record<string, [number, unknown]> = {
        '/html': [200, '<html>secret</html>'],
        '/injection': [
          200,
          { access_token: 'a\r\nx: y', token_type: 'Bearer' },
        ],
        '/space': [200, { access_token: 'a b', token_type: 'Bearer' }],
        '/mac': [200, { access_token: 'a', token_type: 'mac' }],
        '/huge': [200, { access_token: 'a'.repeat(1_000_000) }],
        '/moved': [302, {}],
      };
      const [status, value] = answers[request.url!];
      response
        .writeHead(status, { location: '/html' })
        .end(typeof value === 'string' ? value : JSON.stringify(value));
    });
    await new Promise<void>(resolve =>
      endpoint.listen(0, '127.0.0.1', resolve),
    );
    const host = `localhost:${(endpoint.address() as AddressInfo).port}`;
    world.trustedHosts.add(host);
    const { upstream } = world.replica();
    for (const path of ['html', 'injection', 'space', 'mac', 'huge', 'moved']) {
      world.configured.set('gitlab', {
        mode: 'client-credentials',
        origin: ORIGIN,
        tokenEndpoint: `http://${host}/${path}`,
        client: { id: 'portal', secret: 'x' },
      });
      const failed = upstream.headersFor(SERVER, callerOf(ADA));
      await expect(failed).rejects.toThrow(/no bearer token/);
      await expect(failed).rejects.not.toThrow(/secret/);
    }
    await new Promise(resolve => endpoint.close(resolve));
  });
});
