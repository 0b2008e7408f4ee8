import type {
  AuditorService,
  AuthService,
  HttpAuthService,
  LoggerService,
  PermissionsService,
  RootConfigService,
} from '@backstage/backend-plugin-api';
import type { MetricsService } from '@backstage/backend-plugin-api/alpha';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import {
  AdminPermissions,
  type AgentAuthService,
} from '@prompt-corner/plugin-agent-auth-node';
import type { Knex } from 'knex';
import { CatalogUsers } from './catalog';
import { readUsageConfig } from './config';
import { UsageExport } from './export';
import { UsageLog } from './log';
import type { IsOpenWeight } from './queries';
import { UsageReports } from './reports';
import { createUsageRoutes } from './routes';
import { DatabaseUsageStore, UsageRetention } from './store';
import { GenAiTelemetry } from './telemetry';

/** What {@link createUsage} is made with. */
export interface UsageOptions {
  config: RootConfigService;
  /** With all migrations. */
  database: Knex;
  metrics: MetricsService;
  auth: AuthService;
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  auditor: AuditorService;
  catalog: Pick<CatalogService, 'getEntities' | 'queryEntities'>;
  agentAuth: Pick<AgentAuthService, 'userOf'>;
  /** By what the model catalogue says. */
  isOpenWeight: IsOpenWeight;
  logger: LoggerService;
}

/**
 * Makes what records usage, and what answers questions about it.
 *
 * - `log`: takes events; has to be closed after the last request
 * - `retention`: has to be scheduled
 * - `routes`: for the pages
 *
 * @throws InputError when the configuration is wrong
 */
export function createUsage(options: UsageOptions) {
  const { config, database, logger } = options;
  const settings = readUsageConfig(config);
  const reports = new UsageReports({
    ...options,
    settings,
    userCount: new CatalogUsers(options),
  });
  return {
    log: new UsageLog({
      store: new DatabaseUsageStore({ database }),
      telemetry: new GenAiTelemetry(options),
      settings,
      logger,
    }),
    retention: new UsageRetention({ database, settings, logger }),
    reports,
    routes: createUsageRoutes({
      ...options,
      reports,
      usageExport: new UsageExport({ database }),
      admins: new AdminPermissions(options),
    }),
  };
}
