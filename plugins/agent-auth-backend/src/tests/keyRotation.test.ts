import { TestDatabases } from '@backstage/backend-test-utils';
import { createLocalJWKSet, jwtVerify } from 'jose';
import type { Knex } from 'knex';
import { Portal, startPortal } from '../__testUtils__/startPortal';
import { TestClient, testClient } from '../__testUtils__/TestClient';

jest.setTimeout(120_000);

const DAY_MS = 24 * 60 * 60_000;

describe('rotating keys under load', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
  let database: Knex;
  let portal: Portal;

  beforeAll(async () => {
    database = await databases.init('SQLITE_3');
    portal = await startPortal({
      database,
      agentAuth: { clients: [testClient] },
    });
  });

  /** Lets days pass for the keys, and the tasks run that they bring about. */
  async function pass(days: number) {
    for (const row of await database('server_keys')) {
      await database('server_keys')
        .where({ id: row.id })
        .update({
          created_at: new Date(
            new Date(row.created_at).getTime() - days * DAY_MS,
          ),
        });
    }
    await portal.runTask('rotate-keys');
    await portal.runTask('reload-keys');
  }

  const signingKeys = async () => {
    const response = await fetch(`${portal.issuer}/oauth/jwks`);
    const { keys } = await response.json();
    return keys as Array<{ kid: string; d?: string }>;
  };

  it('fails no sign-in that is under way, and no token', async () => {
    const client = new TestClient(portal);
    const before = await client.connect('user:default/ada');
    const [oldKey] = await signingKeys();
    expect(oldKey.d).toBeUndefined();

    const underWay = Array.from({ length: 8 }, () => new TestClient(portal));
    const interactions = await Promise.all(
      underWay.map(other => other.start({ scope: 'catalog:read openid' })),
    );
    let stop = false;
    let requests = 0;
    const load = (async () => {
      while (!stop) {
        expect((await client.whoAmI(before.access_token)).status).toBe(200);
        requests += 1;
      }
    })();

    await pass(31);
    await pass(2);
    const keys = await signingKeys();
    expect(keys).toHaveLength(2);
    expect(keys[0].kid).not.toBe(oldKey.kid);

    const authorization = await portal.signIn('user:default/linus');
    for (const [index, other] of underWay.entries()) {
      const approved = await other.approve(interactions[index], authorization);
      expect(approved.status).toBe(200);
      const { redirectUrl } = await approved.json();
      const back = await other.browse(redirectUrl);
      const answer = new URL(back.headers.get('location')!).searchParams;
      const { status, body } = await other.exchange(answer.get('code')!);
      expect(status).toBe(200);
      const { payload, protectedHeader } = await jwtVerify(
        body.id_token,
        createLocalJWKSet({ keys: keys as never }),
        { issuer: portal.issuer, audience: 'test-client' },
      );
      expect(protectedHeader.kid).toBe(keys[0].kid);
      // A UUID, not a name.
      expect(payload.sub).toMatch(/^[0-9a-f-]{36}$/);
    }
    stop = true;
    await load;
    expect(requests).toBeGreaterThan(10);
    const refreshed = await client.token({
      grant_type: 'refresh_token',
      refresh_token: before.refresh_token,
    });
    expect(refreshed.status).toBe(200);
  });
});
