import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { ConfigReader } from '@backstage/config';
import { SecretBox } from '@prompt-corner/encryption';
import fc from 'fast-check';
import { migrate } from '../../database/migrate';
import { readCredentialsConfig } from '../config';
import { CredentialSettings } from './CredentialSettings';
import { CredentialSettingsStore } from './CredentialSettingsStore';
import { parseSettings, withoutSecrets } from './ServerCredentialSettings';

jest.setTimeout(60_000);

const ORIGIN = 'https://gitlab.internal';
const ADMIN = '00000000-0000-4000-8000-000000000001';
const SERVER = { entityRef: 'api:default/gitlab-mcp', name: 'gitlab' };
const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

const header = (name: string, value: string) => ({
  mode: 'header',
  origin: ORIGIN,
  headers: [{ name, value }],
});

describe('Settings', () => {
  it.each([
    ['a line break', header('x-key', 'a\r\nx-admin: true'), 'headers.0.value'],
    ['a line feed', header('x-key', 'a\nb'), 'headers.0.value'],
    ['a null byte', header('x-key', 'a\0b'), 'headers.0.value'],
    ['no ASCII', header('x-key', 'é'), 'headers.0.value'],
    ['an empty value', header('x-key', ''), 'headers.0.value'],
    ['a name with a colon', header('x-key: y', 'a'), 'headers.0.name'],
    ['a name with a line break', header('x\r\ny', 'a'), 'headers.0.name'],
    ['the host', header('Host', 'evil.example'), 'headers.0.name'],
    ['a length', header('Content-Length', '0'), 'headers.0.name'],
    ['an encoding', header('Transfer-Encoding', 'chunked'), 'headers.0.name'],
    ['a session', header('Mcp-Session-Id', '1'), 'headers.0.name'],
    ['no headers', { mode: 'header', origin: ORIGIN, headers: [] }, 'headers'],
    [
      'an origin with a path',
      { ...header('x-key', 'a'), origin: `${ORIGIN}/mcp` },
      'origin',
    ],
    [
      'no encryption',
      { ...header('x-key', 'a'), origin: 'http://gitlab.internal' },
      'origin',
    ],
    ['an unknown mode', { mode: 'basic' }, 'mode'],
    ['a misspelt key', { mode: 'none', heders: [] }, 'settings'],
    [
      'a secret for whomever the server names',
      { mode: 'oauth', client: { id: 'a', secret: 'b' } },
      'issuer',
    ],
    [
      'a token endpoint without encryption',
      {
        mode: 'client-credentials',
        origin: ORIGIN,
        tokenEndpoint: 'http://login.example/token',
        client: { id: 'a', secret: 'b' },
      },
      'tokenEndpoint',
    ],
    [
      'a claim that means something else',
      { mode: 'caller-token', groupsClaim: 'sub' },
      'groupsClaim',
    ],
    [
      'a plugin id with a path',
      { mode: 'backstage', pluginId: '../x' },
      'pluginId',
    ],
  ])('with %s are refused by the name of the key', (_, settings, key) => {
    expect(() => parseSettings(settings, 'settings')).toThrow(
      new RegExp(`^settings.*${key.replaceAll('.', '\\.')}|^settings: `),
    );
    expect(() => parseSettings(settings, 'settings')).not.toThrow('evil');
  });

  it('can hold no header that adds another, whatever the value is', () => {
    const accepted = (name: string, value: string) => {
      try {
        return !!parseSettings(header(name, value), 'settings');
      } catch {
        return false;
      }
    };
    // What browsers and Node refuse in a header, or take apart.
    const harmful = fc.constantFrom('\r', '\n', '\0', '\r\n', '\u2028', '\x7f');
    fc.assert(
      fc.property(fc.string(), harmful, fc.string(), (before, cut, after) => {
        expect(accepted('x-key', `${before}${cut}${after}`)).toBe(false);
        expect(accepted(`${before}${cut}${after}`, 'value')).toBe(false);
      }),
    );
    fc.assert(
      fc.property(
        fc.stringMatching(/^[\x21-\x7e][\x20-\x7e]{0,50}[\x21-\x7e]$/),
        value => {
          expect(accepted('x-key', value)).toBe(true);
          expect([...new Headers([['x-key', value]])]).toEqual([
            ['x-key', value],
          ]);
        },
      ),
    );
  });

  it('are shown without secrets', () => {
    for (const settings of [
      header('x-key', 'very-secret'),
      {
        mode: 'oauth',
        issuer: 'https://login.example',
        client: { id: 'a', secret: 'very-secret' },
      },
      {
        mode: 'client-credentials',
        origin: ORIGIN,
        tokenEndpoint: 'https://login.example/token',
        client: { id: 'a', secret: 'very-secret' },
      },
      {
        mode: 'token-exchange',
        origin: ORIGIN,
        tokenEndpoint: 'https://login.example/token',
        client: { id: 'a', secret: 'very-secret' },
      },
    ]) {
      const shown = withoutSecrets(parseSettings(settings, 'settings'));
      expect(JSON.stringify(shown)).not.toContain('very-secret');
      expect(JSON.stringify(shown)).toMatch(/"has(?:Value|Secret)":true/);
    }
  });

  it('are read from the configuration, which says what is wrong without the secret', () => {
    const read = (mcpPortal: object) =>
      readCredentialsConfig(new ConfigReader({ mcpPortal } as any));
    const config = read({
      servers: {
        gitlab: { credentials: header('PRIVATE-TOKEN', 'glpat-1') },
        github: { approved: true },
      },
      outbound: { trustedHosts: ['gitlab.internal'] },
      credentials: { notice: { days: 3 } },
    });
    expect([...config.servers.keys()]).toEqual(['gitlab']);
    expect(config).toMatchObject({
      trustedHosts: ['gitlab.internal'],
      noticeMs: 3 * 24 * 3_600_000,
    });
    const wrong = () =>
      read({ servers: { gitlab: { credentials: header('x', 'sec\nret') } } });
    expect(wrong).toThrow(
      'mcpPortal.servers.gitlab.credentials.headers.0.value',
    );
    expect(wrong).not.toThrow('sec');
    expect(() => read({ keyRotation: { hours: 1 } })).toThrow(
      'mcpPortal.keyRotation',
    );
  });
});

describe.each(databases.eachSupportedId())('Settings on %s', databaseId => {
  async function create(configured: Array<[string, any]> = []) {
    const database = await databases.init(databaseId);
    await migrate(database);
    const box = new SecretBox([{ id: 'k', secret: 'a secret for this test' }], {
      purpose: 'mcp-portal',
      configKey: 'mcpPortal.encryption.keys',
    });
    const replica = () =>
      new CredentialSettings({
        configured: new Map(configured),
        store: new CredentialSettingsStore({ database, box }),
        logger: mockServices.logger.mock(),
      });
    return { database, replica };
  }

  it('are set, replaced and deleted, encrypted, and seen by other replicas', async () => {
    const { database, replica } = await create();
    const [a, b] = [replica(), replica()];
    const settings = parseSettings(header('x-key', 'very-secret'), 'settings');
    await a.set(SERVER, settings, ADMIN);
    await b.load();
    expect(b.of(SERVER)).toMatchObject({
      settings,
      source: 'administrator',
      updatedBy: ADMIN,
    });
    const first = b.of(SERVER).revision;
    expect(JSON.stringify(await database('server_credentials'))).not.toContain(
      'very-secret',
    );
    await b.set(SERVER, { mode: 'oauth' }, ADMIN);
    await a.load();
    expect(a.of(SERVER).settings).toEqual({ mode: 'oauth' });
    expect(a.of(SERVER).revision).not.toBe(first);
    await a.delete(SERVER);
    expect(a.of(SERVER)).toMatchObject({
      settings: { mode: 'none' },
      source: 'default',
    });
  });

  it('that cannot be decrypted are told as such, and keep no other from being read', async () => {
    const { database, replica } = await create();
    const settings = replica();
    const other = { entityRef: 'api:default/github-mcp', name: 'github' };
    await settings.set(SERVER, { mode: 'caller-token' }, ADMIN);
    await settings.set(other, { mode: 'oauth' }, ADMIN);
    const [row] = await database('server_credentials').where({
      server: other.entityRef,
    });
    // Moved to another server, it does not open.
    await database('server_credentials')
      .where({ server: SERVER.entityRef })
      .update({ settings: row.settings });
    await settings.load();
    expect(settings.of(SERVER)).toMatchObject({
      settings: { mode: 'none' },
      source: 'unreadable',
    });
    expect(settings.of(other).settings).toEqual({ mode: 'oauth' });
  });

  it('of the configuration win, and cannot be changed', async () => {
    const { replica } = await create([['gitlab', { mode: 'caller-token' }]]);
    const settings = replica();
    await expect(settings.set(SERVER, { mode: 'none' }, ADMIN)).rejects.toThrow(
      /change it there/,
    );
    await expect(settings.delete(SERVER)).rejects.toThrow(/change it there/);
    expect(settings.of(SERVER).source).toBe('config');
  });

  it('hold for a minute without the database, and not longer', async () => {
    const { database, replica } = await create();
    const settings = replica();
    await settings.set(SERVER, { mode: 'oauth' }, ADMIN);
    await database.schema.dropTable('server_credentials');
    await expect(settings.load()).rejects.toThrow();
    expect(settings.of(SERVER).settings).toEqual({ mode: 'oauth' });
    const now = Date.now();
    jest.spyOn(Date, 'now').mockReturnValue(now + 61_000);
    expect(() => settings.of(SERVER)).toThrow(/cannot be read/);
    jest.restoreAllMocks();
  });
});
