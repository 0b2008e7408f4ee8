import { Config, readDurationFromConfig } from '@backstage/config';
import { HumanDuration } from '@backstage/types';

/** The `catalogMcp` section of the configuration, with defaults. */
export interface CatalogMcpConfig {
  refreshInterval: HumanDuration;
  readFromMemory: boolean;
  rateLimit: { requests: number; window: HumanDuration };
  allowedHosts: string[];
  allowedOrigins: string[];
  acceptBackstageTokens: boolean;
  authorizationServers?: string[];
  dataStoreTypes: string[];
}

const DATA_STORE_TYPES = [
  'database',
  'table',
  'clickhouse-table',
  'cache',
  'search-index',
  'bucket',
  's3-bucket',
  'object-store',
  'data-warehouse',
  'warehouse',
  'kafka-topic',
  'topic',
  'queue',
];

/**
 * Reads the configuration; see `config.d.ts` for what each key means.
 *
 * @throws when a value has the wrong type
 */
export function readCatalogMcpConfig(root: Config): CatalogMcpConfig {
  const config = root.getOptionalConfig('catalogMcp');
  const duration = (key: string, fallback: HumanDuration) =>
    config?.has(key) ? readDurationFromConfig(config, { key }) : fallback;
  return {
    refreshInterval: duration('refreshInterval', { seconds: 30 }),
    readFromMemory: config?.getOptionalBoolean('readFromMemory') ?? true,
    rateLimit: {
      requests:
        positive(config?.getOptionalNumber('rateLimit.requests')) ?? 600,
      window: duration('rateLimit.window', { minutes: 1 }),
    },
    allowedHosts: config?.getOptionalStringArray('allowedHosts') ?? [],
    allowedOrigins: config?.getOptionalStringArray('allowedOrigins') ?? [],
    acceptBackstageTokens:
      config?.getOptionalBoolean('acceptBackstageTokens') ?? false,
    authorizationServers: config?.getOptionalStringArray(
      'authorizationServers',
    ),
    dataStoreTypes:
      config?.getOptionalStringArray('dataStoreTypes') ?? DATA_STORE_TYPES,
  };
}

function positive(value: number | undefined): number | undefined {
  if (value !== undefined && !(value >= 1)) {
    throw new Error(
      `Invalid value ${value} in catalogMcp.rateLimit.requests: expected at least 1`,
    );
  }
  return value;
}
