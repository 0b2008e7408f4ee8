import type { LoggerService } from '@backstage/backend-plugin-api';
import { isError } from '@backstage/errors';
import {
  ProtocolError,
  Result,
  SdkError,
  SdkErrorCode,
  UnsupportedProtocolVersionError,
} from '@modelcontextprotocol/client';
import type { ServerRemote } from '@prompt-corner/plugin-mcp-portal-common';
import canonicalize from 'canonicalize';
import type { Fetch } from './BoundedFetch';
import { Breakers } from './Breakers';
import { UpstreamError, UpstreamFailure } from './errors';
import { Exchange } from './Exchange';
import type { UpstreamRequest, UpstreamServer, UpstreamSignIn } from './types';
import { Handshake, HandshakeKey, UpstreamSessions } from './UpstreamSessions';

/** More than any model reads; keeps one answer from filling the memory. */
const MAX_BYTES = 16 * 1024 * 1024;

/** What {@link Upstreams} is made with. */
export interface UpstreamsOptions {
  sessions: UpstreamSessions;
  signIn: UpstreamSignIn;
  /** A fetch that reaches this server's hosts, and no other that is not public. */
  fetchFor: (server: UpstreamServer) => Fetch;
  logger: LoggerService;
  /** Of the portal, told to servers. */
  version: string;
  /** Of one answer; 16 MiB by default. */
  maxBytes?: number;
}

/**
 * Asks servers. Speaks Streamable HTTP of protocol revision 2026-07-28 and of
 * older ones, and HTTP with SSE, whichever the server does.
 *
 * A request is sent a second time only if the server has certainly not acted on
 * it (no connection, unknown session, refused credential, protocol revision) or
 * if nothing happens twice.
 */
export class Upstreams {
  readonly #options: UpstreamsOptions;
  readonly #breakers = new Breakers();
  readonly #handshakes = new Map<string, Promise<Handshake>>();

  constructor(options: UpstreamsOptions) {
    this.#options = options;
  }

  /**
   * Sends a request.
   *
   * @throws UpstreamError when the server does not answer with sense
   * @throws ProtocolError what the server itself answered
   * @throws AuthorizationNeededError when the user has to connect the server first
   */
  async request(request: UpstreamRequest): Promise<Result> {
    const { server } = request;
    return this.#breakers.run(server.entityRef, server.name, async () => {
      for (let attempt = 1; ; attempt++) {
        const outcome = await this.#attempt(request, attempt);
        if (outcome !== 'again') {
          return outcome;
        }
      }
    });
  }

  /**
   * Listens for what a server says by itself: that its lists changed, or one of
   * these resources. Ends with the request's signal, or when the server does not
   * speak any more; there are no errors then that anybody could act on.
   */
  async listen(
    request: Omit<UpstreamRequest, 'method' | 'params' | 'repeatable'>,
    uris: string[],
  ): Promise<void> {
    const asked = { ...request, method: 'ping', params: {}, repeatable: true };
    const remote = preferred(asked.server);
    if (remote.type === 'sse') {
      return;
    }
    const { exchange, key } = await this.#prepare(asked, remote);
    const handshake = await this.#handshakeFor(key, exchange);
    await exchange.listen(handshake, uris);
  }

  /** What the server says of itself, as this caller. */
  async handshake(
    request: Omit<UpstreamRequest, 'method' | 'params' | 'repeatable'>,
  ): Promise<Handshake> {
    const asked = { ...request, method: 'ping', params: {}, repeatable: true };
    const remote = preferred(asked.server);
    const { exchange, key } = await this.#prepare(asked, remote);
    try {
      return await this.#handshakeFor(key, exchange);
    } catch (error) {
      throw this.#failure(asked, exchange, error);
    }
  }

  async #attempt(
    request: UpstreamRequest,
    attempt: number,
  ): Promise<Result | 'again'> {
    const remote = preferred(request.server);
    const { exchange, key } = await this.#prepare(request, remote);
    let handshake: Handshake | undefined;
    try {
      if (remote.type === 'sse') {
        return await exchange.sendAtOnce();
      }
      handshake = await this.#handshakeFor(key, exchange);
      return await exchange.send(handshake);
    } catch (error) {
      request.signal.throwIfAborted();
      if (
        attempt === 1 &&
        (await this.#mayRepeat(request, remote, {
          exchange,
          key,
          handshake,
          error,
        }))
      ) {
        return 'again';
      }
      throw this.#failure(request, exchange, error);
    }
  }

  async #prepare(request: UpstreamRequest, remote: ServerRemote) {
    const { server, caller, client } = request;
    const target = {
      entityRef: server.entityRef,
      name: server.name,
      url: remote.url,
    };
    const key: HandshakeKey = {
      server: server.entityRef,
      url: remote.url,
      partition: this.#options.signIn.partitionOf(target, caller),
      session: client.session,
      capabilities: canonicalize(client.capabilities) ?? '',
    };
    const exchange = new Exchange(
      {
        url: new URL(remote.url),
        type: remote.type,
        headers: await this.#options.signIn.headersFor(target, caller),
        fetch: this.#options.fetchFor(server),
        maxBytes: this.#options.maxBytes ?? MAX_BYTES,
        version: this.#options.version,
      },
      request,
    );
    return { exchange, key, target };
  }

  /** One handshake at a time for each key: a server must not make sessions that nobody uses. */
  async #handshakeFor(
    key: HandshakeKey,
    exchange: Exchange,
  ): Promise<Handshake> {
    const known = await this.#options.sessions.find(key);
    if (known) {
      return known;
    }
    const id = JSON.stringify(key);
    let underWay = this.#handshakes.get(id);
    if (!underWay) {
      underWay = exchange
        .shakeHands()
        .then(async handshake => {
          await this.#options.sessions.keep(key, handshake);
          return handshake;
        })
        .finally(() => this.#handshakes.delete(id));
      this.#handshakes.set(id, underWay);
    }
    return underWay;
  }

  async #mayRepeat(
    request: UpstreamRequest,
    remote: ServerRemote,
    failed: {
      exchange: Exchange;
      key: HandshakeKey;
      handshake?: Handshake;
      error: unknown;
    },
  ): Promise<boolean> {
    const { exchange, key, handshake, error } = failed;
    const status = exchange.refusal?.status;
    if (status === 401 || status === 403) {
      const next = await this.#options.signIn.refused(
        { ...request.server, url: remote.url },
        request.caller,
        exchange.refusal?.challenge,
      );
      return next === 'retry';
    }
    if (
      handshake &&
      (status === 404 ||
        error instanceof UnsupportedProtocolVersionError ||
        // What the SDK's own servers answer to a session that they do not know.
        (status === 400 && handshake.era === 'legacy' && handshake.sessionId))
    ) {
      await this.#options.sessions.forget(key, handshake);
      return true;
    }
    if (exchange.tooLarge || error instanceof ProtocolError) {
      return false;
    }
    return wasNotSent(error) || (request.repeatable && !isTimeout(error));
  }

  #failure(
    request: UpstreamRequest,
    exchange: Exchange,
    error: unknown,
  ): unknown {
    if (error instanceof ProtocolError || request.signal.aborted) {
      return error;
    }
    const { server } = request;
    const failure = failureOf(exchange, error);
    this.#options.logger.warn(
      `The MCP server "${server.name}" failed (${failure}): ${error}`,
    );
    return new UpstreamError(server.name, failure, {
      cause: error,
      challenge: exchange.refusal?.challenge,
    });
  }
}

function preferred({ remotes }: UpstreamServer): ServerRemote {
  return remotes.find(({ type }) => type === 'streamable-http') ?? remotes[0];
}

function failureOf(exchange: Exchange, error: unknown): UpstreamFailure {
  const status = exchange.refusal?.status;
  if (exchange.tooLarge) {
    return 'too_large';
  }
  if (status === 401 || status === 403) {
    return 'unauthorized';
  }
  if (isTimeout(error)) {
    return 'timeout';
  }
  if (status !== undefined || wasNotSent(error)) {
    return 'unreachable';
  }
  return isNonsense(error) ? 'protocol' : 'unreachable';
}

/** Something was answered, which is no JSON, no JSON-RPC or no MCP. */
function isNonsense(error: unknown): boolean {
  return error instanceof SdkError
    ? error.code !== SdkErrorCode.ConnectionClosed
    : isError(error) && /^SyntaxError$|ZodError$/.test(error.name);
}

function isTimeout(error: unknown): boolean {
  return (
    error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout
  );
}

const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Whether there was no connection on which the request could have been sent. */
function wasNotSent(error: unknown): boolean {
  for (let cause = error, depth = 0; cause && depth < 5; depth++) {
    const { code, cause: next } = cause as { code?: unknown; cause?: unknown };
    if (typeof code === 'string' && NOT_SENT.has(code)) {
      return true;
    }
    cause = next;
  }
  return false;
}
