import { randomUUID } from 'node:crypto';
import { TestDatabases } from '@backstage/backend-test-utils';
import { Portal, startPortal } from '../__testUtils__/startPortal';
import { TestClient } from '../__testUtils__/TestClient';

jest.setTimeout(60_000);

const SECRET = 'a secret of at least thirty-two characters';
const ENTITY = 'component:default/payments-ci';

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

describe.each(databases.eachSupportedId())(
  'a client that cannot be let in, on %s',
  databaseId => {
    let portal: Portal;

    beforeAll(async () => {
      const database = await databases.init(databaseId);
      portal = await startPortal({
        database,
        agentAuth: {
          clientDocuments: { allowedClientIds: ['http://localhost:*/*'] },
          clients: [
            {
              id: 'release-bot',
              name: 'Release bot',
              secret: SECRET,
              entityRef: ENTITY,
              serviceResources: [
                { resource: 'catalog', scopes: ['catalog:read'] },
              ],
            },
          ],
        },
      });
      await database('principals').insert({
        uuid: randomUUID(),
        kind: 'user',
        entity_ref: ENTITY,
      });
    });

    it('is asked to try again while the host of its document does not answer', async () => {
      const client = new TestClient(portal, {
        clientId: 'http://localhost:9/client.json',
      });
      const page = await client.browse(client.authorizationUrl());
      expect(page.status).toBe(503);
      expect(await page.text()).toContain('temporarily_unavailable');
      const refreshed = await client.token({
        grant_type: 'refresh_token',
        refresh_token: 'x',
      });
      expect(refreshed).toMatchObject({
        status: 503,
        body: { error: 'temporarily_unavailable' },
      });
    });

    it.each(['release-bot\u0000', '\u0000', 'a\nb'])(
      'is unknown with the id %j',
      async clientId => {
        const client = new TestClient(portal, { clientId });
        const page = await client.browse(client.authorizationUrl());
        expect(page.status).toBe(400);
        expect(await page.text()).toContain('invalid_client');
        const { status, body } = await client.token({
          grant_type: 'refresh_token',
          refresh_token: 'x',
        });
        expect(status).toBeLessThan(500);
        expect(body.error).toBe('invalid_client');
      },
    );

    it('is told that its entity is known as a person', async () => {
      const response = await fetch(`${portal.issuer}/oauth/token`, {
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from(
            `release-bot:${encodeURIComponent(SECRET)}`,
          ).toString('base64')}`,
        },
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          resource: portal.resource,
          scope: 'catalog:read',
        }),
      });
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({
        error: 'invalid_client',
        error_description: expect.stringContaining(
          `${ENTITY} is known as a user and cannot act as a service`,
        ),
      });
    });
  },
);
