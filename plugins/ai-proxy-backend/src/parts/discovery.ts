import type {
  DiscoveryService,
  LoggerService,
  RootConfigService,
  RootHttpRouterService,
  SchedulerService,
  UrlReaderService,
} from '@backstage/backend-plugin-api';
import type { OfferedModel } from '@prompt-corner/agent-config';
import {
  AgentAuthService,
  claudeCodeMetadata,
} from '@prompt-corner/plugin-agent-auth-node';
import { API_NAMES } from '@prompt-corner/plugin-ai-proxy-common';
import express from 'express';
import type { Knex } from 'knex';
import type { ModelAccess } from '../access';
import { createDiscovery, readDiscoveryConfig } from '../discovery';
import { listModelsDev, ModelCatalogue } from '../models';

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

/** Puts together what configures coding tools: one URL for each of them. */
export async function serveDiscovery(parts: DiscoveryParts) {
  const { agentAuth, baseUrl, catalogue, access, rootHttpRouter } = parts;
  const authentication = { audience: baseUrl, scopes: ['models:use'] };
  const issuer = await agentAuth.issuer();
  const rootURL = baseUrl.replace(/\/api\/ai-proxy$/, '');
  const discovery = createDiscovery({
    ...parts,
    config: readDiscoveryConfig(parts.config),
    urls: { baseURL: baseUrl, rootURL, issuer },
    authenticate: request => agentAuth.authenticate(request, authentication),
    models: offeredModels(catalogue),
    mayUse: (principal, { api, id }) =>
      catalogue.findFor(api, id, access.mayUse(principal)) !== undefined,
  });
  rootHttpRouter.use(WELL_KNOWN, discovery.wellKnown);

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
      const principal = await agentAuth.authenticate(request, authentication);
      const mayUse = access.mayUse(principal);
      const models = new Map(
        API_NAMES.map(api => [api, catalogue.listFor(api, mayUse)]),
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
