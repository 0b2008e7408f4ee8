import type {
  DiscoveryService,
  LoggerService,
  RootConfigService,
  RootHttpRouterService,
  SchedulerService,
  UrlReaderService,
} from '@backstage/backend-plugin-api';
import { codingModels, OfferedModel } from '@prompt-corner/agent-config';
import {
  AgentAuthenticationError,
  AgentAuthService,
  claudeCodeMetadata,
} from '@prompt-corner/plugin-agent-auth-node';
import { API_NAMES, ApiName } from '@prompt-corner/plugin-ai-proxy-common';
import express, { Request } from 'express';
import type { Knex } from 'knex';
import type { ModelAccess } from '../access';
import { createDiscovery, readDiscoveryConfig } from '../discovery';
import { listModelsDev, MayUse, ModelCatalogue } from '../models';

const WELL_KNOWN = '/.well-known/opencode';

/** Of what the configuration of coding tools is made. */
export interface DiscoveryParts {
  config: RootConfigService;
  database: Knex;
  logger: LoggerService;
  scheduler: SchedulerService;
  urlReader: UrlReaderService;
  discovery: DiscoveryService;
  rootHttpRouter: RootHttpRouterService;
  agentAuth: AgentAuthService;
  catalogue: ModelCatalogue;
  access: ModelAccess;
  /** External base URL of the plugin. */
  baseUrl: string;
}

/** Puts together what configures coding tools, one URL for each of them, and starts it. */
export async function serveDiscovery(parts: DiscoveryParts) {
  const { agentAuth, baseUrl, catalogue, access, rootHttpRouter } = parts;
  const authentication = { audience: baseUrl, scopes: ['models:use'] };
  const issuer = await agentAuth.issuer();
  // Where the routes at the root are, such as those of MCP portals.
  const rootURL = parts.config.getString('backend.baseUrl');
  const discovery = createDiscovery({
    ...parts,
    config: readDiscoveryConfig(parts.config),
    urls: { baseURL: baseUrl, rootURL, issuer },
    authenticate: request => agentAuth.authenticate(request, authentication),
    models: offeredModels(catalogue),
    mayUse: (principal, { api, id }) =>
      catalogue.findFor(api, id, access.mayUse(principal)) !== undefined,
  });
  // Nothing at the root waits until the plugin has started, and nobody should be told
  // of models without the permissions that belong to them.
  await discovery.start();
  rootHttpRouter.use(WELL_KNOWN, discovery.wellKnown);
  const mayUseOf = async (request: Request) => {
    try {
      const mayUse = access.mayUse(
        await agentAuth.authenticate(request, authentication),
      );
      return () => mayUse;
    } catch (error) {
      // OpenCode asks without a token (1.18).
      if (
        error instanceof AgentAuthenticationError &&
        error.code === 'missing_token'
      ) {
        return mayBeKnown;
      }
      throw error;
    }
  };

  const router = express.Router();
  // Claude Code looks below its base URL.
  router.get(
    '/anthropic/.well-known/oauth-authorization-server',
    (_request, response) => {
      response
        .set('cache-control', 'public, max-age=300')
        .json(claudeCodeMetadata(issuer));
    },
  );
  router.use('/anthropic/managed/settings', discovery.managedSettings);
  router.use('/managed/settings', discovery.managedSettings);
  router.get('/models/api.json', async (request, response, next) => {
    try {
      const mayUse = await mayUseOf(request);
      const models = new Map(
        API_NAMES.map(api => [api, catalogue.listFor(api, mayUse(api))]),
      );
      response.set('cache-control', 'private, no-cache').json(
        listModelsDev(models, {
          sourceOf: model => catalogue.sourceOf(model),
        }),
      );
    } catch (error) {
      next(error);
    }
  });
  router.use(discovery.router);
  return { discovery, router };
}

/** What `/.well-known/opencode` tells everybody as well. */
function mayBeKnown(api: ApiName): MayUse {
  return model => codingModels([{ ...model, api }]).length > 0;
}

/** All models that anybody may be offered; the same list until one changes. */
function offeredModels(catalogue: ModelCatalogue): () => OfferedModel[] {
  let offered: OfferedModel[] | undefined;
  catalogue.onChange(() => {
    offered = undefined;
  });
  return () => {
    offered ??= API_NAMES.flatMap(api =>
      catalogue.listFor(api, () => true).map(model => ({ ...model, api })),
    );
    return offered;
  };
}
