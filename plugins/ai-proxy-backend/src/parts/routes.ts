import type {
  AuditorService,
  HttpAuthService,
  PermissionsService,
  RootConfigService,
} from '@backstage/backend-plugin-api';
import {
  AdminPermissions,
  type AgentAuthService,
} from '@prompt-corner/plugin-agent-auth-node';
import express from 'express';
import type { ModelAccess } from '../access';
import type { RunningBudgets } from '../budgets';
import type { Discovery } from '../discovery';
import type { ModelCatalogue } from '../models';
import { createModelPolicyRouter, ModelPolicy } from '../policy';
import { globs, Provider } from '../providers';
import { createBudgetsRouter } from '../routes/budgets';
import { PageUsers } from '../routes/PageUsers';
import { createStatusRouter } from '../routes/status';
import type { Upstreams } from '../upstream';
import type { UsageLog } from '../usage';

/** Makes the routes for the pages, but for those of usage. */
export function createRoutes(options: {
  config: RootConfigService;
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  auditor: AuditorService;
  agentAuth: AgentAuthService;
  providers: Provider[];
  policy: ModelPolicy;
  access: ModelAccess;
  catalogue: ModelCatalogue;
  running: RunningBudgets;
  upstreams: Upstreams;
  usage: UsageLog;
  discovery: Discovery;
}): express.Router {
  const { providers, access, catalogue } = options;
  const users = new PageUsers({
    ...options,
    admins: new AdminPermissions(options),
  });
  const providerOf = (name: string) =>
    providers.find(provider => provider.name === name);
  const router = express.Router();
  router.use(createBudgetsRouter({ ...options, users }));
  router.use(createStatusRouter({ ...options, users }));
  router.use(
    '/admin',
    createModelPolicyRouter({
      ...options,
      authorize: (request, permission) => users.authorize(request, permission),
      findProvider: name => access.policyProvider(name),
      findModel: (name, id) => {
        const provider = providerOf(name);
        const has = globs(provider?.models ?? ['*']);
        return provider && has(id)
          ? access.policyModel(provider, id)
          : undefined;
      },
      models: () =>
        catalogue
          .list()
          .map(({ provider, id }) =>
            access.policyModel(providerOf(provider)!, id),
          ),
    }),
  );
  return router;
}
