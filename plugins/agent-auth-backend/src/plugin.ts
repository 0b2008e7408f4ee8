import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { ConfigReader } from '@backstage/config';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { provideEncryptionKeys, SecretBox } from '@prompt-corner/encryption';
import { agentAuthPermissions } from '@prompt-corner/plugin-agent-auth-common';
import { AdminPermissions } from '@prompt-corner/plugin-agent-auth-node';
import { AuditTrail } from './auditTrail/AuditTrail';
import { auditProvider } from './authorizationServer/auditProvider';
import { AuthorizationPolicy } from './authorizationServer/AuthorizationPolicy';
import { AuthorizationServer } from './authorizationServer/AuthorizationServer';
import { createProvider } from './authorizationServer/createProvider';
import { createTokenExchange } from './authorizationServer/tokenExchange';
import { BackstageSessions } from './backstageSessions/BackstageSessions';
import { BackstageSignIn } from './backstageSessions/BackstageSignIn';
import { ClientRegistry } from './clients/ClientRegistry';
import {
  ClientDocuments,
  DEFAULT_ALLOWED_CLIENT_IDS,
} from './clients/documents';
import { ENCRYPTION_KEYS, readAgentAuthConfig } from './config';
import { Connections, ConnectionStore } from './connections';
import { Consent } from './consent/Consent';
import { Lifetimes } from './consent/Lifetimes';
import { migrate } from './database/migrate';
import { DeviceCodes } from './deviceCodes/DeviceCodes';
import { readExchangeConfig, TrustedIssuers } from './exchange';
import { IdentityClaims } from './identityProvider/IdentityClaims';
import { KEYS_TABLE, ServerKeys } from './keys/ServerKeys';
import { scheduleUpkeep } from './upkeep/scheduleUpkeep';
import { serveMetadata } from './metadata/serveMetadata';
import { Organisation } from './organisation';
import {
  DatabasePrincipalStore,
  PrincipalResolution,
  Principals,
} from './principals';
import { OAuthRecords } from './records/OAuthRecords';
import { Residents } from './residents/Residents';
import { AgentResources } from './resources/AgentResources';
import { Revocations } from './revocations/Revocations';
import {
  CLIENT_DOCUMENT_PATH,
  createRouter,
  PUBLIC_PATHS,
} from './routes/createRouter';
import { AccessTokens, PersonalTokens, TokenIntrospection } from './tokens';

/**
 * Lets coding agents, MCP clients and CI in: an OAuth authorization server
 * whose tokens can do what the user approved, for one resource, until revoked.
 *
 * @public
 */
export const agentAuthPlugin = createBackendPlugin({
  pluginId: 'agent-auth',
  register(env) {
    env.registerInit({
      deps: {
        auditor: coreServices.auditor,
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        database: coreServices.database,
        discovery: coreServices.discovery,
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
        rootHttpRouter: coreServices.rootHttpRouter,
        scheduler: coreServices.scheduler,
        systemMetadata: coreServices.rootSystemMetadata,
      },
      async init(deps) {
        const { auth, config, discovery, httpRouter, lifecycle, logger } = deps;
        const settings = readAgentAuthConfig(config);
        const issuer = await discovery.getExternalBaseUrl('agent-auth');
        // Only who says so develops: a portal that forgot to say anything is guarded.
        const production = process.env.NODE_ENV !== 'development';

        const database = await deps.database.getClient();
        if (!deps.database.migrations?.skip) {
          await migrate(database);
        }
        const box = new SecretBox(
          await provideEncryptionKeys({
            configured: settings.encryptionKeys,
            configKey: ENCRYPTION_KEYS,
            production,
            database,
            table: KEYS_TABLE,
            logger,
          }),
          // Values that are in databases already open only with this purpose.
          { purpose: 'agent-auth', configKey: ENCRYPTION_KEYS },
        );
        const keys = new ServerKeys({
          database,
          box,
          rotationMs: settings.keyRotationMs,
          signingKeysFile: settings.signingKeysFile,
          logger: deps.logger,
        });
        await keys.rotate();

        const audit = new AuditTrail(deps);
        const resources = await AgentResources.create({ discovery });
        const revocations = new Revocations({ database });
        const records = new OAuthRecords({ database, revocations });
        const connections = new Connections({
          database,
          store: new ConnectionStore({ database }),
          records,
          revocations,
        });
        const principals = new Principals({
          store: new DatabasePrincipalStore(database),
        });
        const organisation = new Organisation({
          ...deps,
          intervalMs: settings.organisationIntervalMs,
        });
        const signIn = new BackstageSignIn({
          auth,
          discovery,
          clientId: `${issuer}${CLIENT_DOCUMENT_PATH}`,
          redirectUri: `${issuer}/backstage/callback`,
        });
        const sessions = new BackstageSessions({ database, box, signIn, auth });
        const residents = new Residents({
          principals,
          organisation,
          connections,
          sessions,
          audit,
          logger,
          revokedAfterMs: settings.revokedAfterAbsenceMs,
        });
        const clients = new ClientRegistry({
          database,
          configured: settings.clients,
          resources,
          documents: settings.clientDocuments.enabled
            ? new ClientDocuments({
                allowedPatterns:
                  settings.clientDocuments.allowedClientIds ??
                  DEFAULT_ALLOWED_CLIENT_IDS,
                trustedHosts: settings.clientDocuments.trustedHosts,
                allowLoopback: !production,
                logger,
              })
            : undefined,
          registrations: records.adapterOf('Client'),
        });

        const issuers = new TrustedIssuers({
          issuers: readExchangeConfig(
            config.getOptionalConfig('agentAuth') ?? new ConfigReader({}),
          ),
        });
        const policy = new AuthorizationPolicy({
          acceptsClientDocuments: settings.clientDocuments.enabled,
          clients,
          connections,
          records,
          resources,
          residents,
          accessTokenSeconds: settings.accessTokenSeconds,
        });
        const server = new AuthorizationServer({ issuer, keys });
        const tokens = new AccessTokens({ server });
        const exchange = createTokenExchange({
          issuers,
          tokens,
          connections,
          residents,
          resources,
          audit,
        });
        await server.start(keySet => {
          const provider = createProvider({
            issuer,
            keys: keySet,
            records,
            policy,
            dynamicRegistration: settings.dynamicRegistration,
            exchange,
          });
          auditProvider(provider, { audit, connections, logger });
          return provider;
        });

        const lifetimes = new Lifetimes({
          seconds: settings.lifetimesSeconds,
          defaultSeconds: settings.defaultLifetimeSeconds,
        });
        const consent = new Consent({
          records,
          server,
          clients,
          connections,
          resources,
          residents,
          sessions,
          identity: new IdentityClaims({
            ...deps,
            config: settings.identityProvider,
          }),
          lifetimes,
        });

        for (const path of PUBLIC_PATHS) {
          httpRouter.addAuthPolicy({ path, allow: 'unauthenticated' });
        }
        httpRouter.use(
          createRouter({
            ...deps,
            admins: new AdminPermissions(deps),
            appUrl: config.getString('app.baseUrl'),
            audit,
            clients,
            connections,
            consent,
            deviceCodes: new DeviceCodes({ records, consent }),
            introspection: new TokenIntrospection({
              database,
              connections: connections.store,
              residents,
              revocations,
              logger,
            }),
            issuer,
            personalTokens: new PersonalTokens({
              tokens,
              connections,
              resources,
              residents,
              sessions,
              lifetimes,
            }),
            principals,
            residents,
            resolution: new PrincipalResolution({ ...deps, principals }),
            resources,
            revocations,
            server,
            sessions,
            signIn,
          }),
        );
        await serveMetadata({
          ...deps,
          server,
          issuer,
          serveOAuth: settings.serveAuthorizationServerMetadata,
        });
        deps.permissionsRegistry.addPermissions(agentAuthPermissions);
        await scheduleUpkeep({
          ...deps,
          keys,
          server,
          records,
          revocations,
          connections,
          residents,
          sessions,
        });
        lifecycle.addStartupHook(() => organisation.start());
        lifecycle.addShutdownHook(() => organisation.stop());
      },
    });
  },
});
