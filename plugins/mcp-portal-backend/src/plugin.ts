import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import {
  metricsServiceRef,
  tracingServiceRef,
} from '@backstage/backend-plugin-api/alpha';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { notificationService } from '@backstage/plugin-notifications-node';
import { createCodeMode } from '@prompt-corner/code-mode';
import { provideEncryptionKeys, SecretBox } from '@prompt-corner/encryption';
import { agentAuthServiceRef } from '@prompt-corner/plugin-agent-auth-node';
import { mcpPortalPermissions } from '@prompt-corner/plugin-mcp-portal-common';
import {
  CallGuard,
  mcpPortalGuardsExtensionPoint,
} from '@prompt-corner/plugin-mcp-portal-node';
import express from 'express';
import { hkdfSync } from 'node:crypto';
import { version } from '../package.json';
import { ApiSpecifications } from './apis';
import { scheduleApprovals } from './approvals';
import { portalCaller } from './callers/portalCaller';
import { readCodeModeConfig } from './codeMode';
import { readEndpointConfig } from './config';
import {
  createCredentials,
  createCredentialsFetch,
  ENCRYPTION_KEYS,
  KEYS_TABLE,
  readCredentialsConfig,
  scheduleCredentials,
} from './credentials';
import { migrate } from './database/migrate';
import { serveMetadata } from './endpoint/serveMetadata';
import { serveShortPaths } from './endpoint/serveShortPaths';
import { readGuards } from './guards';
import { createApprovals } from './parts/approvals';
import { createAudit } from './parts/audit';
import { createEndpoint } from './parts/endpoint';
import { createRegistry, createSynchronisation } from './parts/registry';
import { createRoutes } from './parts/routes';
import { inspected, knownServers } from './parts/signInServers';
import { PolicyEngine } from './policy';
import { Portals, readPortals } from './portals';
import { scheduleRegistry } from './registry';
import { PUBLIC_CREDENTIAL_PATHS } from './routes/oauthCallback';
import {
  ListChangeWatch,
  signInTarget,
  upstreamFetch,
  Upstreams,
  UpstreamSessions,
  UpstreamSnapshots,
} from './upstreams';

/** Routes that authenticate by themselves, or are for everybody. */
const PUBLIC_PATHS = ['/v1', '/registry', ...PUBLIC_CREDENTIAL_PATHS];

/**
 * One governed endpoint for every MCP server that a caller may use.
 *
 * @public
 */
export const mcpPortalPlugin = createBackendPlugin({
  pluginId: 'mcp-portal',
  register(env) {
    const furtherGuards: CallGuard[] = [];
    env.registerExtensionPoint(mcpPortalGuardsExtensionPoint, {
      addGuard: guard => furtherGuards.push(guard),
    });
    env.registerInit({
      deps: {
        agentAuth: agentAuthServiceRef,
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
        metrics: metricsServiceRef,
        notifications: notificationService,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
        rootHttpRouter: coreServices.rootHttpRouter,
        scheduler: coreServices.scheduler,
        tracing: tracingServiceRef,
      },
      async init(deps) {
        const { agentAuth, config, httpRouter, lifecycle, logger } = deps;
        const settings = readEndpointConfig(config);
        const production = process.env.NODE_ENV === 'production';
        const codeModeSettings = readCodeModeConfig(config, { production });
        const codeMode = createCodeMode({
          ...codeModeSettings.sandbox,
          onIsolation: (isolation, failures) =>
            logger[isolation === 'plain' ? 'warn' : 'info'](
              [`Code Mode is isolated by ${isolation}`, ...failures].join('; '),
            ),
        });
        const portals = new Portals(readPortals(config));
        const { guards, screen } = readGuards(config, {
          publicPortals: new Set(
            portals
              .all()
              .filter(({ audience }) => audience.anonymous)
              .map(({ name }) => name),
          ),
        });
        furtherGuards.forEach(guard => guards.addGuard(guard));
        const credentialsConfig = readCredentialsConfig(config);
        const database = await deps.database.getClient();
        if (!deps.database.migrations?.skip) {
          await migrate(database);
        }
        const encryptionKeys = await provideEncryptionKeys({
          configured: credentialsConfig.encryptionKeys,
          configKey: ENCRYPTION_KEYS,
          production,
          database,
          table: KEYS_TABLE,
          logger,
        });
        const boxFor = (purpose: string) =>
          new SecretBox(encryptionKeys, {
            purpose,
            configKey: ENCRYPTION_KEYS,
          });
        const baseUrl = await deps.discovery.getExternalBaseUrl('mcp-portal');
        const audienceOf = (portal: string) => `${baseUrl}/v1/${portal}`;
        const pages = `${config.getString('app.baseUrl')}/mcp-servers`;
        const connectPage = `${pages}/connect`;
        const shared = {
          ...deps,
          database,
          encryptionKeys,
          portals,
          guards,
          specifications: new ApiSpecifications(deps),
        };

        const audit = createAudit(shared);
        const approvals = createApprovals({ ...shared, audit: audit.trail });
        const policy = new PolicyEngine({
          config,
          logger,
          digestKey: Buffer.from(
            hkdfSync(
              'sha256',
              encryptionKeys[0].secret,
              '',
              'mcp-portal digests of arguments',
              32,
            ),
          ),
        });

        const { decisions } = audit;
        const registry = createRegistry({ ...shared, decisions });
        const fetchFor = upstreamFetch({ logger });
        const credentials = createCredentials({
          ...shared,
          config: credentialsConfig,
          box: boxFor('mcp-portal credentials'),
          baseUrl,
          name: config.getOptionalString('app.title') ?? 'Backstage',
          connectPage,
          fetch: createCredentialsFetch({
            trustedHosts: credentialsConfig.trustedHosts,
            logger,
          }),
          fetchFor: ({ url }) => fetchFor({ remotes: [{ url }] }),
          servers: async () => [
            ...[...registry.view.current().servers.values()].map(signInTarget),
            ...knownServers(inspected(await registry.servers.list())),
          ],
          known: async () => knownServers(await registry.servers.list()),
          retired: async () =>
            new Set(
              (await registry.servers.list())
                .filter(({ status }) => status === 'retired')
                .map(({ entityRef }) => entityRef),
            ),
          presentOf: uuids => agentAuth.presentOf(uuids),
          entityRefOf: uuid => agentAuth.recipientOf(uuid),
        });
        const upstreamSessions = new UpstreamSessions({
          database,
          sealer: boxFor('mcp-portal sessions'),
          logger,
        });
        const upstreams = new Upstreams({
          ...shared,
          sessions: upstreamSessions,
          signIn: credentials.upstream,
          fetchFor,
          logger,
          version,
        });
        const caller = portalCaller(deps);
        const synchronisation = createSynchronisation({
          ...shared,
          ...registry,
          decisions,
          screen,
          reader: new UpstreamSnapshots({
            ...shared,
            upstreams,
            caller,
            signIn: credentials.upstream,
            presentOf: uuids => agentAuth.presentOf(uuids),
          }),
        });
        const listChanges = new ListChangeWatch({
          upstreams,
          caller,
          onListChanged: entityRef => synchronisation.requestSync(entityRef),
          logger,
        });
        const watchServers = () =>
          listChanges.watch([...registry.view.current().servers.values()]);
        const endpoint = createEndpoint({
          ...shared,
          settings,
          box: boxFor('mcp-portal clients'),
          codeMode,
          codeModeSettings,
          executionBox: boxFor('mcp-portal code executions'),
          registry: registry.view,
          policy,
          grants: approvals.grants,
          approvals: approvals.approvals,
          audit: audit.trail,
          credentials,
          upstreams,
          version,
          audienceOf,
          approvalsPage: `${pages}/approvals`,
        });

        for (const path of PUBLIC_PATHS) {
          httpRouter.addAuthPolicy({ path, allow: 'unauthenticated' });
        }
        httpRouter.use(express.Router().use('/v1', endpoint.router));
        httpRouter.use(
          createRoutes({
            ...shared,
            policy,
            credentials,
            audit,
            approvals,
            registry: { ...registry, synchronisation },
            endpoint,
            codeMode,
            baseUrl,
            connectPage,
            audienceOf,
          }),
        );
        await serveMetadata({ ...shared, base: `${baseUrl}/v1` });
        if (settings.shortPaths) {
          await serveShortPaths({ ...shared, router: endpoint.router });
        }
        deps.permissionsRegistry.addPermissions(mcpPortalPermissions);

        await registry.view.start();
        registry.view.onChange(watchServers);
        watchServers();
        await credentials.settings.start();
        policy.start();
        await scheduleRegistry({
          ...shared,
          ...registry,
          ...registry.settings,
          synchronisation,
        });
        await scheduleCredentials({ ...shared, credentials });
        await scheduleApprovals({ ...shared, approvals: approvals.approvals });
        await audit.retention.schedule(deps.scheduler);
        await deps.scheduler.scheduleTask({
          id: 'clean-sessions',
          frequency: { minutes: 10 },
          timeout: { minutes: 5 },
          async fn() {
            await endpoint.clean();
            await upstreamSessions.deleteExpired();
          },
        });
        lifecycle.addShutdownHook(async () => {
          listChanges.stop();
          policy.stop();
          registry.view.stop();
          synchronisation.stop();
          credentials.settings.stop();
          approvals.approvals.stop();
          await endpoint.drain();
          await codeMode.close();
          await audit.trail.close();
        });
      },
    });
  },
});
