import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import {
  metricsServiceMock,
  tracingServiceMock,
} from '@backstage/backend-test-utils/alpha';
import type { Request } from 'express';
import { ToolTelemetry } from './ToolTelemetry';

describe('ToolTelemetry', () => {
  it('makes each call an audit event, a measurement and a span', async () => {
    const event = { success: jest.fn(), fail: jest.fn() };
    const auditor = mockServices.auditor.mock({
      createEvent: jest.fn(async () => event),
    });
    const record = jest.fn();
    const metrics = metricsServiceMock.mock({
      createHistogram: jest.fn(() => ({ record })),
    });
    const tracing = tracingServiceMock.mock();
    const telemetry = new ToolTelemetry({ auditor, metrics, tracing });
    const call = {
      tool: 'get_owner',
      client: 'claude-code 2.1.0',
      request: {} as Request,
      credentials: mockCredentials.user(),
    };

    await telemetry.observe(call, async () => ({ outcome: 'ok' }));
    expect(auditor.createEvent).toHaveBeenCalledWith({
      eventId: 'tool-call',
      severityLevel: 'medium',
      request: call.request,
      meta: {
        tool: 'get_owner',
        subject: undefined,
        client: 'claude-code 2.1.0',
        caller: 'user:default/mock',
      },
    });
    expect(event.success).toHaveBeenCalledWith({ meta: { outcome: 'ok' } });
    expect(metrics.createHistogram).toHaveBeenCalledWith(
      'catalog_mcp.tool.duration',
      expect.objectContaining({ unit: 's' }),
    );
    expect(record).toHaveBeenLastCalledWith(expect.any(Number), {
      tool: 'get_owner',
      outcome: 'ok',
    });
    expect(tracing.startActiveSpan).toHaveBeenLastCalledWith(
      'tools/call get_owner',
      expect.objectContaining({
        kind: 'server',
        credentials: call.credentials,
      }),
      expect.any(Function),
    );

    const error = new Error('no such entity');
    await telemetry.observe(call, async () => ({
      outcome: 'tool_error',
      error,
    }));
    expect(event.fail).toHaveBeenCalledWith({
      error,
      meta: { outcome: 'tool_error' },
    });
    expect(record).toHaveBeenLastCalledWith(expect.any(Number), {
      tool: 'get_owner',
      outcome: 'tool_error',
    });
  });
});
