import { randomUUID } from 'node:crypto';
import type {
  IncomingMessage,
  OutgoingHttpHeaders,
  ServerResponse,
} from 'node:http';
import { performance } from 'node:perf_hooks';
import type { AgentPrincipal } from '@prompt-corner/plugin-agent-auth-node';
import type {
  TokenUsage,
  UsageEvent,
} from '@prompt-corner/plugin-ai-proxy-common';
import type { Attribution, ComponentDirectory } from '../attribution';
import { Client } from '../upstream';
import { errorBody, Operation, Refusal } from '../wire';

/** Nothing. */
export const NO_TOKENS: TokenUsage = Object.freeze({
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
});

/** The component of the catalog on which a client works, such as `component:default/shop`. */
const COMPONENT_HEADER = 'x-component';

/** A client's request and its answer, with what is known of it by now. */
export class Exchange {
  readonly id = randomUUID();
  readonly at = new Date().toISOString();
  readonly client: Client;
  /** Guardrails that found something. */
  detectors: string[] = [];
  /** Told of errors that are the proxy's own. */
  onUnexpected?: (error: unknown) => void;
  readonly #components: Pick<ComponentDirectory, 'find'>;
  readonly #startedMs = performance.now();
  #attribution: Attribution;
  #firstByteMs: number | undefined;

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    readonly operation: Operation,
    /** With its question mark; without credentials. */
    readonly query: string,
    readonly principal: AgentPrincipal,
    components: Pick<ComponentDirectory, 'find'>,
  ) {
    this.client = new Client(response);
    this.#components = components;
    this.#attribution = components.find(request.headers[COMPONENT_HEADER]);
  }

  /** What the client says it works on, as far as the catalog has it. */
  get attribution(): Attribution {
    return this.#attribution;
  }

  /** Notes what the body says it works on; a header that names something counts more. */
  worksOn(component: string | undefined): void {
    if (component !== undefined && !this.#attribution.component) {
      this.#attribution = this.#components.find(component);
    }
  }

  /** Notes that the first byte of the answer goes out now. */
  firstByte(): void {
    this.#firstByteMs ??= performance.now() - this.#startedMs;
  }

  /** Answers with an error, in the words of the API. */
  refuse(refusal: Refusal): void {
    sendRefusal(this.response, this.operation.api, refusal, this.id);
  }

  /** What is counted of it. */
  event(
    details: Partial<UsageEvent> &
      Pick<UsageEvent, 'outcome' | 'status' | 'attempts'>,
  ): UsageEvent {
    const { principal, operation } = this;
    return {
      id: this.id,
      at: this.at,
      principal: principal.uuid,
      principalKind: principal.kind,
      teams: principal.teams,
      ...this.attribution,
      client: principal.client.id,
      connectionId: principal.connectionId,
      session: sessionOf(this.request),
      ...(this.detectors.length > 0 && { detectors: this.detectors }),
      api: operation.api,
      operation: operation.name,
      streaming: false,
      tokens: NO_TOKENS,
      usageSource: 'none',
      costNanoUsd: 0,
      undiscountedNanoUsd: 0,
      latencyMs: performance.now() - this.#startedMs,
      timeToFirstByteMs: this.#firstByteMs,
      ...details,
    };
  }
}

/** Answers with an error, in the words of an API. */
export function sendRefusal(
  response: ServerResponse,
  api: Operation['api'],
  refusal: Refusal,
  requestId?: string,
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const body = Buffer.from(JSON.stringify(errorBody(api, refusal)));
  const { status, retryAfterSeconds } = refusal;
  const headers: OutgoingHttpHeaders = {
    'content-type': 'application/json',
    'content-length': body.length,
    'cache-control': 'no-store, no-transform',
  };
  if (requestId !== undefined) {
    headers['x-ai-proxy-request-id'] = requestId;
  }
  if (retryAfterSeconds !== undefined) {
    headers['retry-after'] = String(Math.ceil(retryAfterSeconds));
  } else if (status < 500) {
    // Or SDKs ask again and again for what stays refused.
    headers['x-should-retry'] = 'false';
  }
  response.writeHead(status, headers);
  response.end(body);
}

/** Headers by which tools name a conversation (read from OpenCode 1.18, Claude Code 2.1, Codex 0.169). */
const SESSION_HEADERS = [
  'x-claude-code-session-id',
  'x-opencode-session-id',
  'session-id',
  'session_id',
  'x-session-id',
];

const SESSION = /^[\w.:-]{1,128}$/;

function sessionOf({ headers }: IncomingMessage): string | undefined {
  for (const name of SESSION_HEADERS) {
    const value = headers[name];
    if (typeof value === 'string' && SESSION.test(value)) {
      return value;
    }
  }
  return undefined;
}
