import type { RequestId } from '@modelcontextprotocol/server';
import type {
  ClientMessages,
  ClientSession,
  ClientSessions,
} from '../sessions';

/** How often is looked whether the session of a call that takes long still is. */
const LOOK_MS = 2_000;

/** A tool call of a client with a session. */
export interface SessionCall {
  session: ClientSession;
  /** As the client counts its requests. */
  requestId: RequestId;
  cancel(reason: string): void;
  /** Aborted when the client has lost its connection. */
  gone: AbortSignal;
  /** Aborted when the call is over. */
  over: AbortSignal;
}

/**
 * What ends a tool call of a session before its answer: that the client cancels
 * it, or ends the session, here or at another replica; and, when the client has
 * gone, time. A lost connection alone is no cancellation (specification 2025-11-25,
 * Streamable HTTP): what a tool does should end as the audit trail says.
 */
export class CallEnds {
  readonly #sessions: ClientSessions;
  readonly #messages: ClientMessages;
  readonly #timeoutMs: number;

  /** @param options.timeoutMs - for how long a call goes on at most when its client has gone */
  constructor(options: {
    sessions: ClientSessions;
    messages: ClientMessages;
    timeoutMs: number;
  }) {
    this.#sessions = options.sessions;
    this.#messages = options.messages;
    this.#timeoutMs = options.timeoutMs;
  }

  /** Cancels a call at the first of them. */
  watch(call: SessionCall): void {
    const { session, requestId, over } = call;
    this.#messages
      .wait({ session: session.idHash, subject: `cancel:${requestId}` }, over)
      .then(
        () => call.cancel('The client cancelled the request'),
        () => {
          // The call is over.
        },
      );
    const look = setInterval(async () => {
      const current = await this.#sessions
        .current(session)
        // The database is away: nobody has ended anything.
        .catch(() => session);
      if (!current) {
        call.cancel('The client ended the session');
      }
    }, LOOK_MS);
    over.addEventListener('abort', () => clearInterval(look), { once: true });
    call.gone.addEventListener('abort', () => this.#endInTime(call), {
      once: true,
    });
  }

  /** A server may tell progress for ever, and nobody hears it. */
  #endInTime({ cancel, over }: SessionCall): void {
    if (over.aborted) {
      // Every connection ends some time.
      return;
    }
    const timer = setTimeout(
      () => cancel('The client has gone'),
      this.#timeoutMs,
    ).unref();
    over.addEventListener('abort', () => clearTimeout(timer), { once: true });
  }
}
