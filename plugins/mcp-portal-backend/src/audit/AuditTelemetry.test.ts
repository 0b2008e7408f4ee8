import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { metricsServiceMock } from '@backstage/backend-test-utils/alpha';
import type { AuditRecord } from '@prompt-corner/plugin-mcp-portal-common';
import { migrate } from '../database/migrate';
import { ADA, KEYS, recordOf, SETTINGS } from './__testUtils__/auditFixture';
import { AuditTelemetry } from './AuditTelemetry';
import { AuditTrail } from './AuditTrail';
import { DatabaseAuditStore } from './DatabaseAuditStore';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3'] });

function createTelemetry() {
  const measured: Array<{ name: string; value: number; attributes: any }> = [];
  const instrument = (name: string) => {
    const measure = (value: number, attributes: object) =>
      measured.push({ name, value, attributes });
    return { record: measure, add: measure };
  };
  const gauges: Record<string, (result: object) => void> = {};
  const metrics = metricsServiceMock.mock({
    createHistogram: jest.fn(instrument) as never,
    createCounter: jest.fn(instrument) as never,
    createObservableGauge: jest.fn((name: string) => ({
      addCallback: (callback: (result: object) => void) => {
        gauges[name] = callback;
      },
    })) as never,
  });
  const event = { success: jest.fn(), fail: jest.fn() };
  const auditor = mockServices.auditor.mock({
    createEvent: jest.fn(async () => event),
  });
  const logger = mockServices.logger.mock();
  const telemetry = new AuditTelemetry({ auditor, metrics, logger });
  const of = (name: string) =>
    measured
      .filter(each => each.name === name)
      .map(({ value, attributes }) => [value, attributes]);
  return { telemetry, auditor, event, logger, gauges, of };
}

describe('AuditTelemetry', () => {
  it('measures operations under the names of the MCP conventions', () => {
    const { telemetry, of } = createTelemetry();
    telemetry.recordOperation(
      recordOf({
        outcome: 'tool_error',
        pin: 'sha256:0',
        protocolVersion: '2026-07-28',
        durationMs: 1_500,
        upstreamDurationMs: 1_250,
      }),
    );
    const attributes = {
      'mcp.method.name': 'tools/call',
      'mcp.protocol.version': '2026-07-28',
      'error.type': 'tool_error',
      'gen_ai.tool.name': 'search_issues',
      'mcp_portal.portal': 'main',
      'mcp_portal.server': 'github',
    };
    expect(of('mcp.server.operation.duration')).toEqual([[1.5, attributes]]);
    expect(of('mcp.client.operation.duration')).toEqual([[1.25, attributes]]);
    expect(of('mcp_portal.operations')).toEqual([
      [1, { ...attributes, outcome: 'tool_error' }],
    ]);
  });

  it('makes no time series of names that clients think up', () => {
    const { telemetry, of } = createTelemetry();
    telemetry.recordOperation(
      recordOf({
        outcome: 'denied',
        stage: 'policy',
        target: 'made-up',
        server: 'made-up',
        protocolVersion: 'made-up',
        durationMs: 1,
      }),
    );
    expect(of('mcp_portal.operations')).toEqual([
      [
        1,
        {
          'mcp.method.name': 'tools/call',
          'mcp_portal.portal': 'main',
          'error.type': 'denied',
          outcome: 'denied',
          stage: 'policy',
        },
      ],
    ]);
    expect(JSON.stringify(of('mcp.server.operation.duration'))).not.toMatch(
      /made-up/,
    );
  });

  it('writes calls, approvals and sessions to the Backstage audit log, without names of people', async () => {
    const { telemetry, auditor, event } = createTelemetry();
    const announced = async (record: AuditRecord) => {
      telemetry.recordOperation(record);
      await new Promise(setImmediate);
    };
    await announced(recordOf());
    expect(auditor.createEvent).toHaveBeenCalledWith({
      eventId: 'tools-call',
      severityLevel: 'medium',
      meta: {
        outcome: 'ok',
        principal: ADA,
        clientId: 'claude-code',
        portal: 'main',
        server: 'github',
        target: 'search_issues',
      },
    });
    expect(event.success).toHaveBeenCalledTimes(1);

    await announced(recordOf({ outcome: 'denied', message: 'Not permitted' }));
    expect(event.fail).toHaveBeenCalledWith({
      error: new Error('Not permitted'),
    });
    await announced(recordOf({ action: 'approval' }));
    await announced(recordOf({ action: 'session' }));
    await announced(recordOf({ action: 'tools/list' }));
    await announced(recordOf({ action: 'resources/read' }));
    expect(
      jest
        .mocked(auditor.createEvent)
        .mock.calls.map(([{ eventId }]) => eventId),
    ).toEqual(['tools-call', 'tools-call', 'approval', 'session']);
  });

  it('survives a Backstage audit log that does not', async () => {
    const { telemetry, auditor, logger } = createTelemetry();
    jest.mocked(auditor.createEvent).mockRejectedValue(new Error('full'));
    telemetry.recordOperation(recordOf());
    await new Promise(setImmediate);
    expect(logger.warn).toHaveBeenCalledWith(
      expect.stringContaining('Backstage audit log'),
      expect.any(Error),
    );
  });

  it('measures the trail itself: commits, what waits, and what is lost', async () => {
    const database = await databases.init('SQLITE_3');
    await migrate(database);
    const { telemetry, gauges, of } = createTelemetry();
    const trail = new AuditTrail({
      store: new DatabaseAuditStore({ database }),
      keys: KEYS,
      settings: SETTINGS,
      logger: mockServices.logger.mock(),
      telemetry,
    });
    const depth = () => {
      const observe = jest.fn();
      gauges['mcp_portal.audit.queue_depth']({ observe });
      return observe.mock.calls[0][0];
    };
    const appended = Promise.all([
      trail.append(recordOf()),
      trail.append(recordOf()),
    ]);
    expect(depth()).toBe(2);
    await appended;
    expect(depth()).toBe(0);
    expect(of('mcp_portal.audit.commit.duration')).toEqual([
      [expect.any(Number), { outcome: 'ok' }],
    ]);
    expect(of('mcp_portal.audit.committed_records')).toEqual([[2, undefined]]);
    expect(of('mcp_portal.operations')).toHaveLength(2);

    await database.schema.dropTable('audit_records');
    await expect(trail.append(recordOf())).rejects.toThrow();
    expect(of('mcp_portal.audit.uncommitted_records')).toEqual([
      [1, { consequence: 'deny' }],
    ]);
    expect(of('mcp_portal.audit.commit.duration')).toHaveLength(2);
    // Its answer was refused, and the counter above tells of it.
    expect(of('mcp_portal.operations')).toHaveLength(2);
  });
});
