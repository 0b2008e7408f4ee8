import type { JsonObject } from '@backstage/types';

/** Where PostgreSQL is, and which database the benchmark keeps its catalog in. */
export interface DatabaseAddress {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
}

/**
 * Reads a connection string.
 *
 * @param url - such as `postgres://user:password@host:5432/database`
 * @param database - when it names none
 */
export function parseDatabaseUrl(
  url: string,
  database = 'prompt_corner_bench',
): DatabaseAddress {
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    host: hostname,
    port: Number(port || 5432),
    user: decodeURIComponent(username || 'postgres'),
    password: decodeURIComponent(password),
    database: pathname.slice(1) || database,
  };
}

/** The configuration of a backend under test. */
export function backendConfig(options: {
  port: number;
  database: DatabaseAddress;
  permissions: boolean;
}): JsonObject {
  const baseUrl = `http://127.0.0.1:${options.port}`;
  return {
    app: { baseUrl },
    backend: {
      baseUrl,
      listen: { host: '127.0.0.1', port: options.port },
      database: {
        client: 'pg',
        connection: { ...options.database },
        pluginDivisionMode: 'schema',
      },
      // Every source is one more request for each call of mcp-actions, so one is its best case.
      actions: { pluginSources: ['catalog'] },
    },
    auth: {
      session: { secret: 'benchmark' },
      backstageTokenExpiration: { hours: 24 },
      providers: { benchmark: {} },
      // By which agent-auth acts for users.
      clientIdMetadataDocuments: {
        enabled: true,
        allowedClientIdPatterns: [`${baseUrl}/*`],
      },
      experimentalRefreshToken: { enabled: true },
    },
    agentAuth: {
      encryption: {
        keys: [
          { id: 'benchmark', secret: 'not-a-secret-but-long-enough-for-one' },
        ],
      },
    },
    permission: { enabled: options.permissions },
    // One caller asks more here than a person's agent ever would.
    catalogMcp: { rateLimit: { requests: 1_000_000 } },
    catalog: {
      // Long enough that no background processing runs while requests are timed.
      processingInterval: { days: 30 },
      rules: [
        {
          allow: [
            'API',
            'Component',
            'Domain',
            'Group',
            'Resource',
            'System',
            'User',
          ],
        },
      ],
    },
  };
}
