import { mockServices } from '@backstage/backend-test-utils';
import { ConfigReader } from '@backstage/config';
import type {
  Approval,
  AuditRecord,
} from '@prompt-corner/plugin-mcp-portal-common';
import type { Knex } from 'knex';
import { memoryTrail } from '../../audit/__testUtils__/memoryTrail';
import { migrate } from '../../database/migrate';
import {
  AccessGrants,
  Approvals,
  ApprovalStore,
  CallRequest,
  DatabaseClock,
  Person,
  readApprovalsConfig,
} from '..';

export const HOUR_MS = 60 * 60_000;

export const alice = '11111111-1111-4111-8111-111111111111';
export const owner: Person = {
  uuid: '22222222-2222-4222-8222-222222222222',
  entityRef: 'user:default/Olivia',
  teams: ['group:default/platform-team'],
  mayDecideAll: false,
};
export const administrator: Person = {
  uuid: '33333333-3333-4333-8333-333333333333',
  entityRef: 'user:default/adam',
  teams: [],
  mayDecideAll: true,
};
export const stranger: Person = {
  ...administrator,
  uuid: '44444444-4444-4444-8444-444444444444',
  mayDecideAll: false,
};

export const call: CallRequest = {
  kind: 'call',
  requester: alice,
  portal: 'dev',
  server: 'gitlab',
  target: 'delete_project',
  pin: 'sha256:01',
  summary: 'Deletes a project',
  arguments: { project: 'shop', note: 'with \u0000 and \ud800' },
  argumentDigest: 'sha256:aa',
  approvers: ['group:default/Platform-Team'],
  policies: ['destructive'],
};
export const access = {
  kind: 'access' as const,
  requester: alice,
  server: 'gitlab',
  approvers: [owner.entityRef],
  access: {
    toolClasses: ['read' as const, 'write' as const],
    lifetimeSeconds: 3600,
  },
  justification: 'For the migration',
};
export const approve = { decision: 'approve' as const, by: owner };
export const deny = { decision: 'deny' as const, by: owner };

/** One replica; several can have the same database. */
function replica(database: Knex, config: object = {}) {
  const clock = new DatabaseClock({ database });
  const store = new ApprovalStore({ database, clock });
  const grants = new AccessGrants({ database, clock });
  const notified: Approval[] = [];
  const notifications = { work: true };
  const { trail } = memoryTrail();
  const changes: string[] = [];
  const approvals = new Approvals({
    database,
    store,
    grants,
    config: readApprovalsConfig(
      new ConfigReader({ mcpPortal: { approvals: config } }),
    ),
    notify: async approval => {
      if (notifications.work) {
        notified.push(approval);
      }
      return notifications.work;
    },
    records: {
      assertAvailable: trail.assertAvailable,
      record: async approval => {
        await trail.append({ message: approval.state } as AuditRecord);
        changes.push(approval.state);
      },
    },
    logger: mockServices.logger.mock(),
  });
  return {
    approvals,
    store,
    grants,
    notified,
    notifications,
    changes,
    trail,
    clock,
  };
}

/** Two replicas on a new database. */
export async function startApprovals(
  database: Knex,
  options: { config?: object } = {},
) {
  await migrate(database);
  const first = replica(database, options.config);
  const second = replica(database, options.config);
  return {
    database,
    ...first,
    second,
    /** Brings the end of everything nearer, as if time had passed. */
    async pass(milliseconds: number, table = 'approvals') {
      const column = table === 'approvals' ? 'expires_at' : 'until';
      for (const row of await database(table)) {
        const end = new Date(row[column]).getTime() - milliseconds;
        await database(table)
          .where('id', row.id)
          .update({ [column]: new Date(end) });
      }
    },
    stop() {
      first.approvals.stop();
      second.approvals.stop();
    },
  };
}
