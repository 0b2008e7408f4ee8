import { mockServices } from '@backstage/backend-test-utils';
import type {
  AuditProblem,
  AuditRecord,
  AuditVerificationEvent,
} from '@prompt-corner/plugin-mcp-portal-common';
import type { Knex } from 'knex';
import { migrate } from '../../database/migrate';
import {
  AuditConfig,
  AuditExport,
  AuditKeys,
  AuditQueries,
  AuditRetention,
  AuditTrail,
  AuditVerifier,
  DatabaseAuditStore,
  DatabaseChainStore,
} from '..';
import type { VerificationRange } from '../AuditVerifier';

export const ADA = '00000000-0000-4000-8000-00000000000a';
export const BOB = '00000000-0000-4000-8000-00000000000b';

export const KEYS = new AuditKeys([
  { id: 'first', secret: Buffer.alloc(32, 'a') },
]);

export const SETTINGS: AuditConfig = {
  onFailure: 'deny',
  commitTimeoutMs: 5_000,
  retentionDays: 400,
  maxQueuedRecords: 10_000,
  maxQueuedBytes: 1024 * 1024,
};

/** A record of a call by Ada. */
export function recordOf(more: Partial<AuditRecord> = {}): AuditRecord {
  return {
    at: '2026-11-21T08:00:00.000Z',
    action: 'tools/call',
    outcome: 'ok',
    caller: { kind: 'user', uuid: ADA, clientId: 'claude-code' },
    portal: 'main',
    server: 'github',
    target: 'search_issues',
    ...more,
  };
}

/** A clock that a test turns. */
export function testClock(start = '2026-11-21T08:00:00.000Z') {
  let now = new Date(start);
  return {
    clock: () => now,
    setTo: (time: string) => {
      now = new Date(time);
    },
  };
}

/** Everything of the audit trail on a database, which may be shared. */
export async function createAudit(
  database: Knex,
  options: {
    clock?: () => Date;
    keys?: AuditKeys;
    settings?: Partial<AuditConfig>;
    logger?: ReturnType<typeof mockServices.logger.mock>;
  } = {},
) {
  await migrate(database);
  const keys = options.keys ?? KEYS;
  const settings = { ...SETTINGS, ...options.settings };
  const logger = options.logger ?? mockServices.logger.mock();
  const { clock } = options;
  const store = new DatabaseAuditStore({ database });
  const chains = new DatabaseChainStore({ database });
  const queries = new AuditQueries({ database });
  const verifier = new AuditVerifier({ store: chains, keys });
  const newTrail = () =>
    new AuditTrail({ store, keys, settings, logger, clock });
  return {
    store,
    chains,
    queries,
    verifier,
    logger,
    auditExport: new AuditExport({ store: chains, queries }),
    retention: new AuditRetention({
      store: chains,
      keys,
      settings,
      logger,
      clock,
    }),
    newTrail,
    trail: newTrail(),
    verify: (range?: VerificationRange) => verification(verifier, range),
  };
}

/** What a verification ended with, and the problems on the way. */
export async function verification(
  verifier: AuditVerifier,
  range?: VerificationRange,
) {
  const events: AuditVerificationEvent[] = [];
  for await (const event of verifier.verify(range)) {
    events.push(event);
  }
  const result = events.at(-1);
  if (result?.type !== 'result') {
    throw new Error('A verification has to end with its result');
  }
  return {
    result,
    problems: events.filter(
      (event): event is AuditProblem => event.type === 'problem',
    ),
  };
}
