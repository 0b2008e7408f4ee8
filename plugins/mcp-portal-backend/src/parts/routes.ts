import type {
  AuditorService,
  HttpAuthService,
  LoggerService,
  PermissionsService,
  RootConfigService,
} from '@backstage/backend-plugin-api';
import {
  AgentAuthenticationError,
  AgentAuthService,
} from '@prompt-corner/plugin-agent-auth-node';
import type { CodeMode } from '@prompt-corner/code-mode';
import type { AuditRecord } from '@prompt-corner/plugin-mcp-portal-common';
import express, { Request } from 'express';
import Router from 'express-promise-router';
import { ApiSpecifications, isApi } from '../apis';
import type { Caller } from '../callers/Caller';
import type { Credentials, UpstreamServer } from '../credentials';
import type { PolicyEngine } from '../policy';
import type { Portals } from '../portals';
import type { ServedServer, Synchronisation } from '../registry';
import { RegistryEntries, readRegistryApiConfig } from '../registryApi';
import { createApprovalsRouter } from '../routes/approvals';
import { createAuditRouter } from '../routes/audit';
import { createCredentialsRouter } from '../routes/credentials';
import { createDefinitionsRouter } from '../routes/definitions';
import { createExecutionsRouter } from '../routes/executions';
import { createExportsRouter } from '../routes/exports';
import { createOAuthCallbackRouter } from '../routes/oauthCallback';
import { PageUsers, type UserCredentials } from '../routes/PageUsers';
import { createPolicyRouter } from '../routes/policy';
import { createRegistryApiRouter } from '../routes/registryApi';
import { RegistryAccess } from '../routes/RegistryAccess';
import { createServersRouter } from '../routes/servers';
import { signInTarget } from '../upstreams';
import type { createApprovals } from './approvals';
import type { createAudit } from './audit';
import type { createEndpoint } from './endpoint';
import type { createRegistry } from './registry';
import { knownServers, undecided } from './signInServers';

/** Of the audit trail, read at once. */
const PAGE = 500;

/** What the routes are made of. */
export interface RouteParts {
  config: RootConfigService;
  agentAuth: AgentAuthService;
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  logger: LoggerService;
  portals: Portals;
  specifications: ApiSpecifications;
  policy: PolicyEngine;
  credentials: Credentials;
  audit: ReturnType<typeof createAudit>;
  approvals: ReturnType<typeof createApprovals>;
  registry: ReturnType<typeof createRegistry> & {
    synchronisation: Synchronisation;
  };
  endpoint: ReturnType<typeof createEndpoint>;
  codeMode: CodeMode;
  /** External base URL of the plugin. */
  baseUrl: string;
  /** URL of the page on which users connect servers. */
  connectPage: string;
  audienceOf: (portal: string) => string;
}

/** Makes all routes that are no MCP: for the pages, for registries of clients, and for authorization servers. */
export function createRoutes(options: RouteParts): express.Router {
  const { agentAuth, portals, policy, audit, approvals, registry, endpoint } =
    options;
  const users = new PageUsers(options);
  const principalOf = (credentials: UserCredentials) =>
    agentAuth.userOf(credentials.principal.userEntityRef);
  const shared = {
    ...options,
    users,
    principalOf,
    decisions: audit.decisions,
  };
  const access = {
    ...shared,
    catalog: registry.catalog,
    servers: registry.servers,
    definitions: registry.definitions,
    lifecycle: registry.lifecycle,
  };
  const served = () => [...registry.view.current().servers.values()];

  /** Those that a user may read in the catalog. */
  async function visibleTo(
    credentials: UserCredentials,
  ): Promise<ServedServer[]> {
    const readable = await registry.catalog.readable(
      served().map(({ entityRef }) => entityRef),
      credentials,
    );
    return served().filter(({ entityRef }) => readable.has(entityRef));
  }

  /** Those that a user may connect: what is served, and what waits for this user's decision. */
  async function connectableBy(
    credentials: UserCredentials,
  ): Promise<UpstreamServer[]> {
    const visible = await visibleTo(credentials);
    const user = RegistryAccess.as(access, credentials);
    const waiting = (await user.isApprover())
      ? await user.visible(
          undecided(await registry.servers.list(), await user.user()),
        )
      : [];
    return [...visible.map(signInTarget), ...knownServers(waiting)];
  }

  async function portalsOfUser(credentials: UserCredentials) {
    const user = await principalOf(credentials);
    return portals
      .all()
      .filter(portal => portals.mayEnter({ ...user, kind: 'user' }, portal));
  }

  const listed = (portal: { name: string; servers?: ReadonlySet<string> }) => ({
    name: portal.name,
    urlOf: () => options.audienceOf(portal.name),
    serves: (server: string) => !portal.servers || portal.servers.has(server),
  });

  /** With a token for any portal. */
  async function callerOf(request: Request): Promise<Caller> {
    let refusal: unknown;
    for (const { name } of portals.all()) {
      try {
        return await endpoint.authentication.authenticate(request, {
          audience: options.audienceOf(name),
          anonymous: false,
        });
      } catch (error) {
        if (!(error instanceof AgentAuthenticationError)) {
          throw error;
        }
        refusal = error;
      }
    }
    throw refusal;
  }

  async function* auditRecords(range: {
    from: Date;
    to: Date;
  }): AsyncGenerator<AuditRecord> {
    let cursor: string | undefined;
    do {
      const page = await audit.queries.find(range, { cursor, limit: PAGE });
      yield* page.items.map(({ record }) => record);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
  }

  const config = readRegistryApiConfig(options.config);
  const router = Router();
  router.use(
    '/registry',
    createRegistryApiRouter({
      ...options,
      config,
      entries: new RegistryEntries({ ...options, namespace: config.namespace }),
      servers: served,
      openPortals: () =>
        portals
          .all()
          .filter(({ audience }) => audience.everybody)
          .map(listed),
      callerOf,
      serversFor: async caller => {
        const views = await Promise.all(
          enterable(caller).map(portal => endpoint.views.of(caller, portal)),
        );
        return [
          ...new Set(
            views.flatMap(({ servers, known }) =>
              servers.filter(server => known.includes(server)),
            ),
          ),
        ];
      },
      portalsFor: async caller => enterable(caller).map(listed),
    }),
  );
  router.use(createOAuthCallbackRouter(options));
  router.use('/servers', createServersRouter({ ...access, ...registry }));
  router.use('/servers', createDefinitionsRouter(access));
  router.use(
    createApprovalsRouter({
      ...shared,
      ...approvals,
      findServer: async (credentials, name) =>
        (await visibleTo(credentials)).find(server => server.name === name),
      hasPortal: name => portals.all().some(portal => portal.name === name),
    }),
  );
  router.use(
    createCredentialsRouter({
      ...shared,
      serversOf: connectableBy,
      scopesOf: async ({ entityRef }) => {
        const { catalog } = await registry.servers.get(entityRef);
        return isApi(catalog)
          ? (await options.specifications.of(entityRef)).scopes
          : [];
      },
      servers: async () => knownServers(await registry.servers.list()),
    }),
  );
  router.use(createAuditRouter({ ...shared, ...audit }));
  router.use(
    createExecutionsRouter({
      ...shared,
      ...audit,
      executions: endpoint.executions,
      health: () => options.codeMode.health(),
    }),
  );
  router.use(
    createPolicyRouter({
      ...shared,
      engine: policy,
      findPortal: name => {
        const portal = portals.all().find(known => known.name === name);
        return portal && listed(portal);
      },
      findServer: async name => {
        const server = registry.view.current().servers.get(name);
        return (
          server && {
            server,
            tools: [...server.tools.values()].map(({ key, toolClass }) => ({
              name: key,
              toolClass,
            })),
            prompts: [...server.prompts.keys()],
          }
        );
      },
      auditRecords,
    }),
  );
  router.use(
    createExportsRouter({
      ...shared,
      portalsFor: async credentials =>
        (await portalsOfUser(credentials)).map(({ name, title }) => ({
          name,
          title,
          url: options.audienceOf(name),
        })),
    }),
  );
  return router;

  function enterable(caller: Caller) {
    return portals.all().filter(portal => portals.mayEnter(caller, portal));
  }
}
