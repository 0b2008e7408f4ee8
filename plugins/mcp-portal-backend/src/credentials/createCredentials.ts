import type {
  AuthService,
  DiscoveryService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import {
  generateSigningKey,
  Resealing,
  RotatingKeys,
  type SecretBox,
} from '@prompt-corner/encryption';
import type { Knex } from 'knex';
import { CallerTokens } from './callerTokens';
import type { CredentialsConfig } from './config';
import { Connections } from './Connections';
import { Departures } from './departures';
import { ExpiryNotices, type Notifications } from './expiry';
import {
  AuthorizationFlows,
  AuthorizationRequests,
  Authorizations,
  AuthorizationServers,
  type Fetch,
  OAuthClients,
  SEALED_REGISTRATIONS,
  SEALED_TOKENS,
  UserCredentials,
  UserCredentialStore,
} from './oauth';
import {
  CredentialSettings,
  CredentialSettingsStore,
  SEALED_SETTINGS,
} from './settings';
import { UpstreamCredentials } from './UpstreamCredentials';
import type { UpstreamServer } from './UpstreamServer';

/** The table of the keys that the portal makes by itself. */
export const KEYS_TABLE = 'portal_keys';

/** What {@link createCredentials} needs. */
export interface CredentialsOptions {
  config: CredentialsConfig;
  database: Knex;
  box: SecretBox;
  /** External base URL of the plugin. */
  baseUrl: string;
  /** By which users know the portal, such as `app.title`. */
  name: string;
  /** URL of the page on which users connect servers. */
  connectPage: string;
  /** For authorization servers; see `createCredentialsFetch`. */
  fetch: Fetch;
  /** Reaches a server as well, wherever it is. */
  fetchFor: (server: UpstreamServer) => Fetch;
  /** Those that the portal may contact. */
  servers: () => Promise<UpstreamServer[]>;
  /** All that there are, retired ones too. */
  known: () => Promise<UpstreamServer[]>;
  /** Entity refs of retired ones. */
  retired: () => Promise<Set<string>>;
  /** Which of some users, by UUID, are in the organisation. */
  presentOf: (uuids: string[]) => Promise<Set<string>>;
  /** Full entity ref of a user; undefined for one who has left. */
  entityRefOf: (uuid: string) => Promise<string | undefined>;
  notifications: Notifications;
  auth: AuthService;
  discovery: DiscoveryService;
  logger: LoggerService;
}

/** Makes all that has to do with credentials, once for a backend. Start `settings` before it is used. */
export function createCredentials(options: CredentialsOptions) {
  const { config, database, box, fetch, logger } = options;
  const keys = new RotatingKeys({
    database,
    table: KEYS_TABLE,
    box,
    purpose: 'signing',
    rotationMs: config.keyRotationMs,
    generate: generateSigningKey,
    logger,
  });
  const settings = new CredentialSettings({
    configured: config.servers,
    store: new CredentialSettingsStore({ database, box }),
    logger,
  });
  const callerTokens = new CallerTokens({ issuer: options.baseUrl, keys });
  const clients = new OAuthClients(options);
  const servers = new AuthorizationServers(options);
  const store = new UserCredentialStore(options);
  const requests = new AuthorizationRequests({ database });
  const flows = new AuthorizationFlows({ database, box });
  const credentials = new UserCredentials({
    store,
    servers,
    clients,
    fetch,
    logger,
  });
  const connections = new Connections({
    settings,
    store,
    credentials,
    requests,
    flows,
    authorizations: new Authorizations({
      servers,
      clients,
      requests,
      flows,
      credentials,
      fetch,
    }),
    known: options.known,
  });
  return {
    settings,
    callerTokens,
    clients,
    flows,
    requests,
    upstream: new UpstreamCredentials({
      ...options,
      settings,
      callerTokens,
      credentials,
      requests,
    }),
    connections,
    departures: new Departures({ ...options, store, connections }),
    notices: new ExpiryNotices({
      ...options,
      store,
      settings,
      administrators: config.administrators,
      noticeMs: config.noticeMs,
      page: options.connectPage,
    }),
    /** What lasts long enough to be encrypted anew. */
    resealing: new Resealing({
      database,
      box,
      columns: [
        SEALED_TOKENS,
        SEALED_SETTINGS,
        SEALED_REGISTRATIONS,
        keys.sealed,
      ],
      logger,
    }),
    /** Deletes what has ended, and changes keys; from time to time, in one replica. */
    async clean(): Promise<void> {
      await keys.rotate();
      await requests.deleteExpired();
      await flows.deleteExpired();
    },
  };
}

/** What {@link createCredentials} made. */
export type Credentials = ReturnType<typeof createCredentials>;
