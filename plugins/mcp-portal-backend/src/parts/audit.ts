import type {
  AuditorService,
  LoggerService,
  RootConfigService,
} from '@backstage/backend-plugin-api';
import type { MetricsService } from '@backstage/backend-plugin-api/alpha';
import type { EncryptionKey } from '@prompt-corner/encryption';
import type { Knex } from 'knex';
import {
  AuditExport,
  AuditKeys,
  AuditQueries,
  AuditRetention,
  AuditTelemetry,
  AuditTrail,
  AuditVerifier,
  DatabaseAuditStore,
  DatabaseChainStore,
  DecisionRecords,
  readAuditConfig,
} from '../audit';

/** Makes the audit trail, and what reads it. */
export function createAudit(options: {
  config: RootConfigService;
  database: Knex;
  encryptionKeys: EncryptionKey[];
  auditor: AuditorService;
  metrics: MetricsService;
  logger: LoggerService;
}) {
  const { database, logger } = options;
  const settings = readAuditConfig(options.config);
  const keys = new AuditKeys(
    options.encryptionKeys.map(({ id, secret }) => ({
      id,
      secret: Buffer.from(secret),
    })),
  );
  const store = new DatabaseChainStore({ database });
  const queries = new AuditQueries({ database });
  const trail = new AuditTrail({
    store: new DatabaseAuditStore({ database }),
    keys,
    settings,
    logger,
    telemetry: new AuditTelemetry(options),
  });
  return {
    trail,
    decisions: new DecisionRecords({ trail }),
    queries,
    auditExport: new AuditExport({ store, queries }),
    verifier: new AuditVerifier({ store, keys }),
    retention: new AuditRetention({ store, keys, settings, logger }),
  };
}
