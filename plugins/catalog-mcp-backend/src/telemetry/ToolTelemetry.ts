import type {
  AuditorService,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';
import type {
  MetricsService,
  TracingService,
} from '@backstage/backend-plugin-api/alpha';
import { toError } from '@backstage/errors';
import type { AgentPrincipal } from '@prompt-corner/plugin-agent-auth-node';
import type { Request } from 'express';
import { messageFor } from '../errors/toolErrors';
import { clip } from '../text/words';

/** What is observed, and whose it is. */
export interface ObservedCall {
  /** A tool, or `resources/read`. */
  tool: string;
  /** What it is about: an entity ref, a URI or words, as the caller gave it. */
  subject?: string;
  credentials: BackstageCredentials;
  /** Absent for callers with a token of Backstage. */
  agent?: AgentPrincipal;
  /** Absent for calls that come as Backstage actions. */
  request?: Request;
  /** The client's own claim of what it is, such as `claude-code 2.1.0`. */
  client?: string;
}

/** The arguments that say what a call is about, most telling first. */
const SUBJECTS = ['ref', 'from', 'remote', 'query'];

/** Characters of what callers say that are recorded. */
const MAX_RECORDED_LENGTH = 200;

/** What a call with these arguments is about. */
export function subjectOf(input: unknown): string | undefined {
  const values = (input ?? {}) as Record<string, unknown>;
  return SUBJECTS.map(name => values[name]).find(
    value => typeof value === 'string',
  ) as string | undefined;
}

/** How a call ended: told to the caller as an answer or an error, or failed by the server's own fault. */
export type Outcome = 'ok' | 'tool_error' | 'failed';

/** How a promise ended, as {@link ToolTelemetry.observe} takes it. */
export async function outcomeOf<T>(
  promise: Promise<T>,
): Promise<{ outcome: Outcome; value?: T; error?: Error }> {
  try {
    return { outcome: 'ok', value: await promise };
  } catch (cause) {
    const error = toError(cause);
    return {
      outcome: messageFor(error) === undefined ? 'failed' : 'tool_error',
      error,
    };
  }
}

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
    const { tool, subject, request, credentials, agent, client } = call;
    const event = await this.#auditor.createEvent({
      eventId: 'tool-call',
      // What agents read on someone's behalf is to be seen in the log, which low is not.
      severityLevel: 'medium',
      // From a request the auditor takes its actor, and fails if the token is not one of Backstage.
      request: agent ? undefined : request,
      meta: {
        tool,
        subject: subject && clip(subject, MAX_RECORDED_LENGTH),
        client: client && clip(client, MAX_RECORDED_LENGTH),
        ...(agent
          ? describeAgent(agent, request)
          : { caller: nameOf(credentials) }),
      },
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

/** Who is calling, also where there is no request from which the auditor could tell. */
function nameOf(credentials: BackstageCredentials): string | undefined {
  const { userEntityRef, subject } = credentials.principal as {
    userEntityRef?: string;
    subject?: string;
  };
  return userEntityRef ?? subject;
}

/** Who an agent acts for, by which client and from where; never by name, which not everybody who reads logs may know. */
function describeAgent(agent: AgentPrincipal, request: Request | undefined) {
  const userAgent = request?.header('user-agent');
  return {
    principal: agent.uuid,
    clientId: agent.client.id,
    connectionId: agent.connectionId,
    address: agent.network.address,
    userAgent: userAgent && clip(userAgent, MAX_RECORDED_LENGTH),
  };
}
