import type {
  LoggerService,
  RootConfigService,
} from '@backstage/backend-plugin-api';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import type { AgentAuthService } from '@prompt-corner/plugin-agent-auth-node';
import type { Approval } from '@prompt-corner/plugin-mcp-portal-common';
import type { Knex } from 'knex';
import {
  AccessGrants,
  Approvals,
  ApprovalStore,
  DatabaseClock,
  notifyApprovers,
  readApprovalsConfig,
} from '../approvals';
import type { AuditTrail } from '../audit';

/** Makes what waits for people, and the access that comes of it. */
export function createApprovals(options: {
  config: RootConfigService;
  database: Knex;
  notifications: NotificationService;
  agentAuth: Pick<AgentAuthService, 'recipientOf'>;
  audit: AuditTrail;
  logger: LoggerService;
}) {
  const { database } = options;
  const config = readApprovalsConfig(options.config);
  const clock = new DatabaseClock({ database });
  const store = new ApprovalStore({ database, clock });
  const grants = new AccessGrants({ database, clock });
  const approvals = new Approvals({
    ...options,
    store,
    grants,
    config,
    notify: notifyApprovers({
      ...options,
      entityRefOf: uuid => options.agentAuth.recipientOf(uuid),
    }),
    records: {
      assertAvailable: () => options.audit.assertAvailable(),
      record: approval => options.audit.append(recordOf(approval)),
    },
  });
  return { config, store, grants, approvals };
}

const OUTCOMES: Partial<Record<Approval['state'], 'held' | 'denied'>> = {
  pending: 'held',
  denied: 'denied',
};

/** Who asked, and who decided what. */
function recordOf(approval: Approval) {
  const { id, kind, state, requester, decidedBy } = approval;
  return {
    at: new Date().toISOString(),
    action: 'approval',
    outcome: OUTCOMES[state] ?? 'ok',
    message: `${kind}: ${state}`,
    caller: { kind: 'user', uuid: decidedBy ?? requester },
    portal: approval.portal ?? '',
    server: approval.server,
    target: approval.target,
    argumentDigest: approval.argumentDigest,
    approvalId: id,
    decision: { effect: 'hold', policies: approval.policies },
  } as const;
}
