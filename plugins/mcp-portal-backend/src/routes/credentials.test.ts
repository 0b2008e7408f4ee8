import { TestDatabases } from '@backstage/backend-test-utils';
import {
  ADA,
  callerOf,
  startWorld,
  uuidOf,
  type World,
} from '../credentials/__testUtils__/startWorld';
import { TestBrowser } from '../credentials/__testUtils__/TestBrowser';

jest.setTimeout(60_000);

const ADMIN = 'user:default/admin';
const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

describe.each(databases.eachSupportedId())(
  'Routes of credentials on %s',
  databaseId => {
    let world: World;
    afterEach(() => world.stop());

    async function start() {
      world = await startWorld(await databases.init(databaseId));
      const gitlab = await world.addServer('gitlab');
      const credentials = world.replica();
      await credentials.settings.load();
      return {
        gitlab,
        credentials,
        admin: new TestBrowser(world, ADMIN),
        ada: new TestBrowser(world, ADA),
      };
    }

    it('let an administrator set a secret, and nobody read it', async () => {
      const { gitlab, credentials, admin } = await start();
      const settings = {
        mode: 'header',
        origin: new URL(gitlab.url).origin,
        headers: [{ name: 'PRIVATE-TOKEN', value: 'glpat-very-secret' }],
      };
      const shown = {
        ...settings,
        headers: [{ name: 'PRIVATE-TOKEN', hasValue: true }],
      };
      world.audit.trail.isAvailable = false;
      const refused = await admin.api(
        'PUT',
        '/admin/credentials/gitlab',
        settings,
      );
      expect(refused.status).toBe(503);
      expect(await world.database('server_credentials')).toEqual([]);
      world.audit.trail.isAvailable = true;
      const put = await admin.api('PUT', '/admin/credentials/gitlab', settings);
      expect(put).toMatchObject({ status: 200, body: { settings: shown } });
      const listed = await admin.api('GET', '/admin/credentials');
      expect(listed.headers.get('cache-control')).toBe('no-store');
      expect(listed.body.items).toEqual([
        {
          server: gitlab.entityRef,
          name: 'gitlab',
          settings: shown,
          source: 'administrator',
          updatedAt: expect.any(String),
          updatedBy: uuidOf(ADMIN),
        },
      ]);
      const ada = callerOf(ADA);
      expect(await credentials.upstream.headersFor(gitlab, ada)).toEqual({
        'private-token': 'glpat-very-secret',
      });

      // What is kept back is not kept: the old secret cannot be sent to a new place.
      const moved = { ...shown, origin: 'https://evil.example' };
      expect(
        await admin.api('PUT', '/admin/credentials/gitlab', moved),
      ).toMatchObject({ status: 400 });
      expect(
        (await admin.api('DELETE', '/admin/credentials/gitlab')).status,
      ).toBe(204);
      expect(await credentials.upstream.headersFor(gitlab, ada)).toEqual({});
      const ended = await admin.api(
        'DELETE',
        '/admin/credentials/gitlab/connections',
      );
      expect(ended.body).toEqual({ ended: 0 });
      expect(world.audit.records).toMatchObject(
        [
          'settings changed, mode header',
          'settings removed',
          'connections ended: 0',
        ].map(message => ({
          action: 'credential',
          message,
          server: 'gitlab',
          caller: { kind: 'user', uuid: uuidOf(ADMIN) },
        })),
      );
      expect(JSON.stringify(world.audit.records)).not.toContain('secret');
      expect(world.logged()).not.toContain('very-secret');
      expect(JSON.stringify([put.body, listed.body])).not.toContain(
        'very-secret',
      );
    });

    it('let only administrators do so', async () => {
      const { ada } = await start();
      for (const [method, path] of [
        ['GET', '/admin/credentials'],
        ['PUT', '/admin/credentials/gitlab'],
        ['DELETE', '/admin/credentials/gitlab'],
        ['DELETE', '/admin/credentials/gitlab/connections'],
      ]) {
        const { status } = await ada.api(
          method,
          path,
          method === 'PUT' ? { mode: 'none' } : undefined,
        );
        expect(status).toBe(403);
        const anonymous = await fetch(`${world.baseUrl}${path}`, { method });
        expect(anonymous.status).toBe(401);
      }
      expect(await world.database('server_credentials')).toEqual([]);
    });

    it('say what is wrong with a request', async () => {
      const { admin, ada } = await start();
      const wrong = await admin.api('PUT', '/admin/credentials/gitlab', {
        mode: 'header',
        origin: 'https://gitlab.example.com',
        headers: [{ name: 'x-key', value: 'very\r\nsecret' }],
      });
      expect(wrong.status).toBe(400);
      expect(wrong.body.error.message).toContain('settings.headers.0.value');
      expect(JSON.stringify(wrong.body)).not.toContain('very');
      for (const [method, path, body, status] of [
        ['PUT', '/admin/credentials/github', { mode: 'none' }, 404],
        ['POST', '/credentials/github/connect', {}, 404],
        ['POST', '/credentials/gitlab/connect', {}, 404],
        ['POST', '/credentials/gitlab/connect', { request: 'x' }, 400],
        ['POST', '/credentials/gitlab/connect', { user: 'x' }, 400],
        ['DELETE', '/credentials/gitlab', undefined, 404],
        ['POST', '/credential-flows/x/finish', {}, 400],
        ['POST', `/credential-flows/${'a'.repeat(64)}/finish`, {}, 404],
      ] as const) {
        const browser = path.startsWith('/admin') ? admin : ada;
        expect((await browser.api(method, path, body)).status).toBe(status);
      }
    });

    it('bind a flow to the browser by a cookie that scripts and other sites cannot use', async () => {
      const { ada } = await start();
      world.configured.set('gitlab', { mode: 'oauth' });
      const { headers } = await ada.api('POST', '/credentials/gitlab/connect');
      const [cookie] = headers.getSetCookie();
      expect(cookie).toMatch(/; Path=\/;.*HttpOnly; SameSite=Lax$/);
      expect(cookie).toMatch(/Max-Age=600;/);
    });

    it('publish who the portal is to authorization servers', async () => {
      await start();
      const response = await fetch(`${world.baseUrl}/oauth/client.json`);
      expect(await response.json()).toEqual({
        client_id: `${world.baseUrl}/oauth/client.json`,
        client_name: 'Test portal',
        client_uri: new URL(world.baseUrl).origin,
        redirect_uris: [`${world.baseUrl}/oauth/callback`],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
        application_type: 'web',
      });
    });
  },
);
