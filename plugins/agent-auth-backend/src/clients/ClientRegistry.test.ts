import { migrate } from '../database/migrate';
import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { InputError, NotFoundError } from '@backstage/errors';
import type { RegisteredClientInput } from '@prompt-corner/plugin-agent-auth-common';
import type { Knex } from 'knex';
import type { ConfiguredClient } from '../config';
import { OAuthRecords } from '../records/OAuthRecords';
import { hashToken } from '@prompt-corner/plugin-agent-auth-node';
import { AgentResources } from '../resources/AgentResources';
import { Revocations } from '../revocations/Revocations';
import { ClientRegistry } from './ClientRegistry';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

const input: RegisteredClientInput = {
  id: 'bot',
  name: 'Bot',
  redirectUris: [],
  deviceFlow: false,
  confidential: true,
  entityRef: 'component:default/bot',
};

describe.each(databases.eachSupportedId())('clients on %s', databaseId => {
  let database: Knex;
  let resources: AgentResources;

  beforeAll(async () => {
    database = await databases.init(databaseId);
    await migrate(database);
    resources = await AgentResources.create({
      discovery: mockServices.discovery.mock({
        getExternalBaseUrl: async id => `https://portal.example/api/${id}`,
      }),
    });
  });

  const records = () =>
    new OAuthRecords({ database, revocations: new Revocations({ database }) });

  const createRegistry = (...configured: Partial<ConfiguredClient>[]) =>
    new ClientRegistry({
      database,
      resources,
      registrations: records().adapterOf('Client'),
      configured: configured.map(client => ({
        ...input,
        fromConfig: true,
        secret: 'a secret of at least thirty-two characters',
        ...client,
      })),
    });

  const wrongResources: Array<[string, Array<[string, string[]]>]> = [
    ['no resource "secrets"', [['secrets', ['catalog:read']]]],
    ['no resource "https://evil.example/"', [['https://evil.example/', ['x']]]],
    [
      'no scope "catalog:write"; it has catalog:read',
      [['catalog', ['catalog:write']]],
    ],
    [
      'no scope "catalog:read"; it has tools:read, tools:write',
      [['portal/ci', ['tools:read', 'catalog:read']]],
    ],
    ['at least one scope', [['catalog', []]]],
    ['each only once', [['catalog', ['catalog:read', 'catalog:read']]]],
    [
      'stands there twice',
      [
        ['catalog', ['catalog:read']],
        ['https://portal.example/api/catalog-mcp/v1', ['catalog:read']],
      ],
    ],
  ];

  it.each(wrongResources)(
    'are refused with %j, in the configuration and on the page',
    async (message, list) => {
      const serviceResources = list.map(([audience, scopes]) => ({
        audience,
        scopes,
      }));
      const start = () => createRegistry({ serviceResources });
      expect(start).toThrow(InputError);
      expect(start).toThrow('agentAuth.clients');
      expect(start).toThrow(message);

      const created = createRegistry().create(
        { ...input, serviceResources },
        'uuid',
      );
      await expect(created).rejects.toThrow(InputError);
      await expect(created).rejects.toThrow(message);
      expect(await database('registered_clients')).toHaveLength(0);
    },
  );

  it.each([
    ['"bot" is taken', [{}, { name: 'Another' }]],
    ['"prompt-corner-login" is taken', [{ id: 'prompt-corner-login' }]],
    ['a person or team', [{}, { id: 'b', entityRef: 'user:default/ada' }]],
    ['redirectUris[0]', [{ redirectUris: ['http://bot.example/'] }]],
    ['visible characters', [{ name: '' }]],
  ])('in the configuration stop the start with %s', (message, configured) => {
    const start = () => createRegistry(...configured);
    expect(start).toThrow(InputError);
    expect(start).toThrow('Invalid agentAuth.clients: ');
    expect(start).toThrow(message);
  });

  it('are found in the configuration and on the page, and removed there only', async () => {
    const registry = createRegistry({
      serviceResources: [
        { audience: 'catalog', scopes: ['catalog:read'] },
        { audience: 'portal/ci', scopes: ['tools:read'] },
        { audience: 'portal/cd', scopes: ['tools:read'] },
      ],
    });
    const { secret } = await registry.create({ ...input, id: 'page' }, 'uuid');
    expect(await registry.findMetadata('bot')).toMatchObject({
      grant_types: ['client_credentials'],
    });
    expect(await registry.findMetadata('page')).toMatchObject({
      client_id: 'page',
      client_secret: hashToken(secret!),
    });
    await registry.delete('page');
    expect(await registry.findMetadata('page')).toBeUndefined();
    await expect(registry.delete('bot')).rejects.toThrow('configuration');
  });

  it.each(['\u0000', 'bot\u0000', 'a\nb', 'a\u001fb', '\u007f', '\tbot'])(
    'with the id %j are unknown, without an error of the database',
    async id => {
      const registry = createRegistry({});
      expect(await registry.findMetadata(id)).toBeUndefined();
      expect(await registry.findRegistered(id)).toBeUndefined();
      await expect(registry.describe(id)).rejects.toThrow(NotFoundError);
      await expect(registry.delete(id)).rejects.toThrow(NotFoundError);
    },
  );

  it('that registered themselves have a name of 100 characters at most', async () => {
    const client_name = 'x'.repeat(300);
    await records()
      .adapterOf('Client')
      .upsert('long', { client_id: 'long', client_name }, 60);
    expect(await createRegistry().describe('long')).toEqual({
      id: 'long',
      name: 'x'.repeat(100),
      uri: undefined,
      origin: 'dynamic',
    });
  });
});
