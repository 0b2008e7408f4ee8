import type {
  AuditorService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import type { MetricsService } from '@backstage/backend-plugin-api/alpha';
import type { AuditRecord } from '@prompt-corner/plugin-mcp-portal-common';
import type { OnAuditFailure } from './config';

const SECONDS_OF_OPERATIONS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];
const SECONDS_OF_COMMITS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5,
];

/** What the Backstage audit log has, too. Lists are read all the time, and change nothing. */
const AUDITED = new Set<AuditRecord['action']>([
  'tools/call',
  'approval',
  'session',
  'server',
  'definition',
  'grant',
  'credential',
]);

const NAME_ATTRIBUTES: Partial<Record<AuditRecord['action'], string>> = {
  'tools/call': 'gen_ai.tool.name',
  'prompts/get': 'gen_ai.prompt.name',
};

/** Attributes of an operation; the names with dots are those of OpenTelemetry's conventions for MCP. */
type OperationAttributes = Record<string, string>;

/**
 * Makes measurements and events of the Backstage audit log out of audit records.
 *
 * @see https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/mcp.md
 */
export class AuditTelemetry {
  readonly #auditor: AuditorService;
  readonly #logger: LoggerService;
  readonly #metrics: MetricsService;
  readonly #operations;
  readonly #upstream;
  readonly #outcomes;
  readonly #commits;
  readonly #committedRecords;
  readonly #uncommitted;

  constructor(options: {
    auditor: AuditorService;
    metrics: MetricsService;
    logger: LoggerService;
  }) {
    const { metrics } = options;
    this.#auditor = options.auditor;
    this.#logger = options.logger;
    this.#metrics = metrics;
    this.#operations = metrics.createHistogram<OperationAttributes>(
      'mcp.server.operation.duration',
      {
        description: 'Time from the request of a client to the answer',
        unit: 's',
        advice: { explicitBucketBoundaries: SECONDS_OF_OPERATIONS },
      },
    );
    this.#upstream = metrics.createHistogram<OperationAttributes>(
      'mcp.client.operation.duration',
      {
        description: 'Time that a server behind the portal took to answer',
        unit: 's',
        advice: { explicitBucketBoundaries: SECONDS_OF_OPERATIONS },
      },
    );
    this.#outcomes = metrics.createCounter<OperationAttributes>(
      'mcp_portal.operations',
      { description: 'What happened in the portals, by outcome and stage' },
    );
    this.#commits = metrics.createHistogram<{ outcome: 'ok' | 'error' }>(
      'mcp_portal.audit.commit.duration',
      {
        description: 'Time to commit a batch of audit records',
        unit: 's',
        advice: { explicitBucketBoundaries: SECONDS_OF_COMMITS },
      },
    );
    this.#committedRecords = metrics.createCounter(
      'mcp_portal.audit.committed_records',
      { description: 'Audit records that were committed' },
    );
    this.#uncommitted = metrics.createCounter<{ consequence: OnAuditFailure }>(
      'mcp_portal.audit.uncommitted_records',
      { description: 'Audit records that are in the log only' },
    );
  }

  /** @param depth - how many records wait for the database */
  observeQueue(depth: () => number): void {
    this.#metrics
      .createObservableGauge('mcp_portal.audit.queue_depth', {
        description: 'Audit records that wait for the database',
      })
      .addCallback(result => result.observe(depth()));
  }

  /** Something happened in a portal. */
  recordOperation(record: AuditRecord): void {
    const attributes = attributesOf(record);
    this.#outcomes.add(1, {
      ...attributes,
      outcome: record.outcome,
      ...(record.stage ? { stage: record.stage } : {}),
    });
    if (record.durationMs !== undefined) {
      this.#operations.record(record.durationMs / 1000, attributes);
    }
    if (record.upstreamDurationMs !== undefined) {
      this.#upstream.record(record.upstreamDurationMs / 1000, attributes);
    }
    if (AUDITED.has(record.action)) {
      // The caller has its answer first.
      setImmediate(() => {
        this.#announce(record).catch(error =>
          this.#logger.warn(
            'Could not write to the Backstage audit log',
            error,
          ),
        );
      });
    }
  }

  /** A transaction ended. */
  recordCommit(commit: {
    durationMs: number;
    records: number;
    outcome: 'ok' | 'error';
  }): void {
    const { durationMs, records, outcome } = commit;
    this.#commits.record(durationMs / 1000, { outcome });
    if (outcome === 'ok') {
      this.#committedRecords.add(records);
    }
  }

  /** A record could not be committed. */
  recordUncommitted(consequence: OnAuditFailure): void {
    this.#uncommitted.add(1, { consequence });
  }

  async #announce(record: AuditRecord): Promise<void> {
    // Without the request: from its token the auditor would take the actor, and agents' tokens are not Backstage's.
    const event = await this.#auditor.createEvent({
      eventId: record.action.replace('/', '-'),
      severityLevel: 'medium',
      meta: JSON.parse(
        JSON.stringify({
          outcome: record.outcome,
          stage: record.stage,
          principal: record.caller.uuid,
          connectionId: record.caller.connectionId,
          clientId: record.caller.clientId,
          address: record.caller.address,
          portal: record.portal,
          server: record.server,
          target: record.target,
          policies: record.decision?.policies,
          approvalId: record.approvalId,
          executionId: record.executionId,
          traceId: record.traceId,
        }),
      ),
    });
    if (['ok', 'tool_error', 'held'].includes(record.outcome)) {
      await event.success();
      return;
    }
    await event.fail({
      error: new Error(record.message ?? `The outcome was ${record.outcome}`),
    });
  }
}

/** Few different values only: each combination is a time series. */
function attributesOf(record: AuditRecord): OperationAttributes {
  const { action, outcome, protocolVersion, portal, server, target } = record;
  const attributes: OperationAttributes = {
    'mcp.method.name': action,
    'mcp_portal.portal': portal,
  };
  if (outcome !== 'ok') {
    attributes['error.type'] = outcome;
  }
  // Without a pin it may be any name that a client thought of.
  if (record.pin && server && target) {
    if (protocolVersion) {
      attributes['mcp.protocol.version'] = protocolVersion;
    }
    attributes['mcp_portal.server'] = server;
    const name = NAME_ATTRIBUTES[action];
    if (name) {
      attributes[name] = target;
    }
  }
  return attributes;
}
