import type {
  AuditorService,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';
import type {
  MetricsService,
  TracingService,
} from '@backstage/backend-plugin-api/alpha';
import type { Request } from 'express';

/** Whose call is observed. */
export interface ObservedCall {
  tool: string;
  request: Request;
  credentials: BackstageCredentials;
  /** The client's own claim of what it is, such as `claude-code 2.1.0`. */
  client?: string;
}

/** How a call ended: told to the caller as an answer or an error, or failed by the server's own fault. */
export type Outcome = 'ok' | 'tool_error' | 'failed';

/** Makes each tool call an audit event, a measurement and a span. */
export class ToolTelemetry {
  readonly #auditor: AuditorService;
  readonly #tracing: TracingService;
  readonly #duration;

  constructor(options: {
    auditor: AuditorService;
    metrics: MetricsService;
    tracing: TracingService;
  }) {
    this.#auditor = options.auditor;
    this.#tracing = options.tracing;
    this.#duration = options.metrics.createHistogram<{
      tool: string;
      outcome: Outcome;
    }>('catalog_mcp.tool.duration', {
      description: 'Time to answer a tool call',
      unit: 's',
      advice: {
        explicitBucketBoundaries: [
          0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
        ],
      },
    });
  }

  /** Runs a call and records how it went. */
  async observe<T extends { outcome: Outcome; error?: Error }>(
    call: ObservedCall,
    run: () => Promise<T>,
  ): Promise<T> {
    const { tool, request, credentials, client } = call;
    const event = await this.#auditor.createEvent({
      eventId: 'tool-call',
      severityLevel: 'low',
      request,
      meta: { tool, client },
    });
    const startedAt = performance.now();
    const result = await this.#tracing.startActiveSpan(
      `tools/call ${tool}`,
      { kind: 'server', credentials, attributes: { 'mcp.tool.name': tool } },
      async span => {
        const ended = await run();
        if (ended.outcome === 'failed') {
          span.setStatus({ code: 'error', message: ended.error?.message });
        }
        return ended;
      },
    );
    const { outcome, error } = result;
    this.#duration.record((performance.now() - startedAt) / 1000, {
      tool,
      outcome,
    });
    if (error) {
      await event.fail({ error, meta: { outcome } });
    } else {
      await event.success({ meta: { outcome } });
    }
    return result;
  }
}
