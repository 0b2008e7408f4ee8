import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigReader } from '@backstage/config';
import { loadConfig } from '@backstage/config-loader';

const ROOT_DIR = resolve(__dirname, '../../..');

const ENVIRONMENT: Record<string, string> = {
  PROMPT_CORNER_URL: 'https://portal.example.com',
  POSTGRES_HOST: 'db.example.com',
  POSTGRES_USER: 'portal',
  POSTGRES_PASSWORD: 'pg-password',
  AUTH_SESSION_SECRET: 'session-secret',
  AGENT_AUTH_SECRET: 'a secret of at least thirty-two characters',
  MCP_PORTAL_SECRET: 'another secret of at least thirty-two characters',
  OIDC_ISSUER: 'https://login.example.com',
  OIDC_METADATA_URL: 'https://login.example.com',
  OIDC_CLIENT_ID: 'portal',
  OIDC_CLIENT_SECRET: 'oidc-secret',
};

async function load(...files: string[]) {
  const { appConfigs } = await loadConfig({
    configRoot: ROOT_DIR,
    configTargets: files.map(file => ({
      type: 'path',
      path: resolve(ROOT_DIR, file),
    })),
    experimentalEnvFunc: async name => ENVIRONMENT[name],
  });
  return ConfigReader.fromConfigs(appConfigs);
}

describe('production configuration', () => {
  it('has nothing of the demo', async () => {
    const config = await load('app-config.yaml', 'app-config.production.yaml');

    expect(config.has('demo')).toBe(false);
    expect(config.has('catalog.locations')).toBe(false);
    expect(config.getString('backend.database.client')).toBe('pg');
    expect(config.getConfig('auth.providers').keys()).toEqual(['oidc']);
    expect(config.getConfig('auth.providers.oidc').keys()).toEqual([
      'production',
    ]);
    // Only the portal itself may be a client of Backstage's authorization server.
    expect(
      config.get('auth.clientIdMetadataDocuments.allowedClientIdPatterns'),
    ).toEqual([
      'https://portal.example.com/api/agent-auth/.well-known/oauth-client/backstage.json',
    ]);
    expect(config.has('auth.experimentalDynamicClientRegistration')).toBe(
      false,
    );

    const text = JSON.stringify(config.get());
    expect(text).not.toMatch(
      /guest|sqlite|:memory:|examples\/|localhost|demo/i,
    );
  });

  it('enforces permissions and signs users in by verified address', async () => {
    const config = await load('app-config.yaml', 'app-config.production.yaml');

    expect(config.getBoolean('permission.enabled')).toBe(true);
    expect(
      config.get('auth.providers.oidc.production.signIn.resolvers'),
    ).toEqual([{ resolver: 'emailMatchingUserEntityProfileEmail' }]);
  });

  it('takes address and secrets from the environment', async () => {
    const config = await load('app-config.yaml', 'app-config.production.yaml');

    expect(config.getString('app.baseUrl')).toBe('https://portal.example.com');
    expect(config.getString('backend.baseUrl')).toBe(
      'https://portal.example.com',
    );
    expect(config.get('backend.database.connection')).toEqual({
      host: 'db.example.com',
      port: '5432',
      user: 'portal',
      password: 'pg-password',
    });
    expect(config.getString('auth.session.secret')).toBe('session-secret');
  });

  it('takes nothing from it of which operators are not told', () => {
    const read = (file: string) =>
      readFileSync(resolve(ROOT_DIR, file), 'utf8');
    const told = read('docs/operating.md');
    const taken = read('app-config.production.yaml')
      .split('\n')
      .filter(line => !line.trim().startsWith('#'))
      .flatMap(line => [...line.matchAll(/\$\{(\w+)/g)])
      .map(([, name]) => name);
    expect(taken).toContain('MCP_PORTAL_SECRET');
    expect(taken.filter(name => !told.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('demo configuration', () => {
  it('is reachable from this machine only', async () => {
    const config = await load('app-config.yaml', 'app-config.demo.yaml');

    expect(config.has('demo')).toBe(true);
    expect(config.getString('backend.listen.host')).toBe('127.0.0.1');
    expect(config.getConfig('auth.providers').keys()).toEqual(['oidc']);
  });

  it('keeps the clients that agent access allows by default', async () => {
    const config = await load('app-config.yaml', 'app-config.demo.yaml');

    expect(
      config.getStringArray('agentAuth.clientDocuments.allowedClientIds'),
    ).toEqual(
      expect.arrayContaining([
        'https://claude.ai/*',
        'https://vscode.dev/*',
        'https://chatgpt.com/oauth/codex/*/client.json',
      ]),
    );
  });
});
