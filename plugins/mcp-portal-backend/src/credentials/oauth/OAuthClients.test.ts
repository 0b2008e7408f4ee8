import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { SecretBox } from '@prompt-corner/encryption';
import { migrate } from '../../database/migrate';
import type { AuthorizationServer } from './AuthorizationServers';
import { OAuthClients } from './OAuthClients';

jest.setTimeout(60_000);

const ISSUER = 'https://login.example.com';
const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

describe.each(databases.eachSupportedId())('OAuthClients on %s', databaseId => {
  async function create(baseUrl: string) {
    const database = await databases.init(databaseId);
    await migrate(database);
    const registrations: any[] = [];
    const clients = new OAuthClients({
      database,
      box: new SecretBox([{ id: 'k', secret: 'a secret for this test' }], {
        purpose: 'mcp-portal',
        configKey: 'mcpPortal.encryption.keys',
      }),
      fetch: async (_url, init) => {
        registrations.push(JSON.parse(String(init!.body)));
        const number = registrations.length;
        return Response.json({
          ...registrations.at(-1),
          client_id: `registered-${number}`,
          client_secret: `very-secret-${number}`,
          client_secret_expires_at: Math.floor(Date.now() / 1000) + 3_600,
        });
      },
      logger: mockServices.logger.mock(),
      baseUrl,
      name: 'Test portal',
    });
    return { database, clients, registrations };
  }

  const server = (change: object): AuthorizationServer => ({
    issuer: ISSUER,
    resource: 'https://gitlab.example.com/mcp',
    metadata: {
      issuer: ISSUER,
      authorization_endpoint: `${ISSUER}/authorize`,
      token_endpoint: `${ISSUER}/token`,
      response_types_supported: ['code'],
      ...change,
    },
  });
  const OAUTH = { mode: 'oauth' } as const;
  const PORTAL = 'https://portal.example.com/api/mcp-portal';
  const REGISTERS = { registration_endpoint: `${ISSUER}/register` };
  const READS_DOCUMENTS = { client_id_metadata_document_supported: true };

  it('are what an administrator registered, before all others', async () => {
    const { clients } = await create(PORTAL);
    const client = { id: 'portal', secret: 'x' };
    expect(
      await clients.at(server({ ...REGISTERS, ...READS_DOCUMENTS }), {
        ...OAUTH,
        issuer: ISSUER,
        client,
      }),
    ).toEqual(client);
  });

  it('are described by the document, where it is read and can be', async () => {
    const { clients, registrations } = await create(PORTAL);
    const both = server({ ...REGISTERS, ...READS_DOCUMENTS });
    expect(await clients.at(both, OAUTH)).toEqual({
      id: `${PORTAL}/oauth/client.json`,
    });
    expect(clients.document().client_id).toBe(`${PORTAL}/oauth/client.json`);
    expect(registrations).toEqual([]);

    // Nobody else can read a document on this machine.
    const local = await create('http://localhost:7007/api/mcp-portal');
    expect((await local.clients.at(both, OAUTH)).id).toBe('registered-1');
  });

  it('are registered once for an issuer, kept encrypted, and again when their secret has expired', async () => {
    const { database, clients, registrations } = await create(PORTAL);
    const at = server({
      ...REGISTERS,
      token_endpoint_auth_methods_supported: ['client_secret_basic'],
    });
    const first = { id: 'registered-1', secret: 'very-secret-1' };
    expect(await clients.at(at, OAUTH)).toMatchObject(first);
    expect(await clients.at(at, OAUTH)).toMatchObject(first);
    expect(registrations).toEqual([
      expect.objectContaining({
        redirect_uris: [`${PORTAL}/oauth/callback`],
        token_endpoint_auth_method: 'client_secret_basic',
        application_type: 'web',
      }),
    ]);
    expect(
      JSON.stringify(await database('client_registrations')),
    ).not.toContain('very-secret');
    const elsewhere = { ...at, issuer: 'https://other.example.com' };
    expect((await clients.at(elsewhere, OAUTH)).id).toBe('registered-2');

    await database('client_registrations')
      .where({ issuer: ISSUER })
      .update({ expires_at: new Date(Date.now() - 1_000) });
    expect((await clients.at(at, OAUTH)).id).toBe('registered-3');
    await clients.forget(ISSUER);
    expect((await clients.at(at, OAUTH)).id).toBe('registered-4');
  });

  it('have to be registered by an administrator otherwise, who is told what to enter', async () => {
    const { clients } = await create(PORTAL);
    await expect(clients.at(server({}), OAUTH)).rejects.toThrow(
      `${PORTAL}/oauth/callback`,
    );
  });
});
