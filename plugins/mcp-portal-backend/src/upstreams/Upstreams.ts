import type { LoggerService } from '@backstage/backend-plugin-api';
import { isError } from '@backstage/errors';
import {
  ProtocolError,
  ProtocolErrorCode,
  Result,
  UnsupportedProtocolVersionError,
} from '@modelcontextprotocol/client';
import canonicalize from 'canonicalize';
import { ApiExchange, ApiSpecifications, isApi } from '../apis';
import type { Caller } from '../callers/Caller';
import type { Fetch } from './BoundedFetch';
import { Breakers } from './Breakers';
import { UpstreamError } from './errors';
import { Exchange } from './Exchange';
import {
  failureOf,
  isTimeout,
  retryAfterSeconds,
  wasNotSent,
} from './failures';
import {
  preferredRemote,
  type SignInTarget,
  signInTarget,
} from './SignInTarget';
import type { UpstreamRequest, UpstreamServer, UpstreamSignIn } from './types';
import { Handshake, HandshakeKey, UpstreamSessions } from './UpstreamSessions';

/** More than any model reads; keeps one answer from filling the memory. */
const MAX_BYTES = 16 * 1024 * 1024;

/** One try to send a request. */
interface Attempt {
  target: SignInTarget;
  /** That carry the credential. */
  headers: Record<string, string>;
  exchange: Exchange | ApiExchange;
  key: HandshakeKey;
  /** With which the request was sent, once there was one. */
  handshake?: Handshake;
}

/** A handshake for which several requests may wait. */
interface UnderWay {
  /** That makes it. */
  attempt: Attempt;
  done: Promise<Handshake>;
}

/** A handshake failed, maybe the one of another request. */
class FailedHandshake extends Error {
  constructor(readonly attempt: Attempt, options: { cause: unknown }) {
    super('The handshake failed', options);
  }
}

/** A request of which only the way to the server matters. */
type WithoutMethod = Omit<UpstreamRequest, 'method' | 'params' | 'repeatable'>;

/** What {@link Upstreams} is made with. */
export interface UpstreamsOptions {
  sessions: UpstreamSessions;
  specifications: Pick<ApiSpecifications, 'of'>;
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
 * older ones, HTTP with SSE, and what an OpenAPI description says, whichever the
 * server does.
 *
 * A request is sent a second time only if the server has certainly not acted on
 * it (no connection, unknown session, refused credential, protocol revision) or
 * if nothing happens twice.
 */
export class Upstreams {
  readonly #options: UpstreamsOptions;
  readonly #breakers = new Breakers();
  readonly #handshakes = new Map<string, UnderWay>();

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
    return this.#breakers.run(server.entityRef, server.name, () =>
      this.#twice(request, async attempt => {
        const { exchange } = attempt;
        if (exchange instanceof ApiExchange) {
          return exchange.send();
        }
        if (preferredRemote(server.remotes).type === 'sse') {
          return exchange.sendAtOnce();
        }
        return exchange.send(await this.#handshakeFor(attempt, exchange));
      }),
    );
  }

  /**
   * Makes sure that there is a credential, before something is done that cannot
   * be undone.
   *
   * @throws AuthorizationNeededError when the user has to connect the server first
   */
  async assertSignedIn(server: UpstreamServer, caller: Caller): Promise<void> {
    await this.#options.signIn.headersFor(signInTarget(server), caller);
  }

  /**
   * Listens for what a server says by itself: that its lists changed, or one of
   * these resources. Ends with the request's signal, or when the server does not
   * speak any more; there are no errors then that anybody could act on.
   */
  async listen(request: WithoutMethod, uris: string[]): Promise<void> {
    if (
      isApi(request.server) ||
      preferredRemote(request.server.remotes).type === 'sse'
    ) {
      return;
    }
    const { exchange, handshake } = await this.#shakeHands(request);
    await exchange.listen(handshake, uris);
  }

  /**
   * What the server says of itself, as this caller.
   *
   * @throws as {@link Upstreams.request}
   */
  async handshake(request: WithoutMethod): Promise<Handshake> {
    return (await this.#shakeHands(request)).handshake;
  }

  async #shakeHands(request: WithoutMethod) {
    const asked = { ...request, method: 'ping', params: {}, repeatable: true };
    return this.#twice(asked, async attempt => {
      const { exchange } = attempt;
      if (exchange instanceof ApiExchange) {
        throw new ProtocolError(
          ProtocolErrorCode.MethodNotFound,
          'An API has operations only',
        );
      }
      return {
        exchange,
        handshake: await this.#handshakeFor(attempt, exchange),
      };
    });
  }

  /** Once, or twice when that is safe and may help. */
  async #twice<T>(
    request: UpstreamRequest,
    send: (attempt: Attempt) => Promise<T>,
  ): Promise<T> {
    for (let isFirst = true; ; isFirst = false) {
      const attempt = await this.#prepare(request);
      try {
        return await send(attempt);
      } catch (thrown) {
        request.signal.throwIfAborted();
        // Of a handshake, it is who made it that knows what the server said.
        const isHandshake = thrown instanceof FailedHandshake;
        const failed = isHandshake ? thrown.attempt : attempt;
        const error = isHandshake ? thrown.cause : thrown;
        const isWorthIt = await this.#mayRepeat(request, failed, error);
        if (!isFirst || !isWorthIt) {
          throw this.#failure(request, failed.exchange, error);
        }
      }
    }
  }

  async #prepare(request: UpstreamRequest): Promise<Attempt> {
    const { server, caller, client } = request;
    const { signIn } = this.#options;
    const target = signInTarget(server);
    const key: HandshakeKey = {
      server: server.entityRef,
      url: target.url,
      partition: signIn.partitionOf(target, caller),
      session: client.session,
      capabilities: canonicalize(client.capabilities) ?? '',
    };
    const currentHeaders = () => signIn.headersFor(target, caller);
    const headers = await currentHeaders();
    const options = {
      headers,
      fetch: this.#options.fetchFor(server),
      maxBytes: this.#options.maxBytes ?? MAX_BYTES,
      version: this.#options.version,
    };
    const exchange = isApi(server)
      ? new ApiExchange(
          {
            ...options,
            api: await this.#options.specifications.of(server.entityRef),
            baseUrl: target.url,
            grantedScopes: await signIn.grantedScopes(target, caller),
            connectUrl: signIn.connectUrlOf(target),
          },
          request,
        )
      : new Exchange(
          {
            ...options,
            url: new URL(target.url),
            type: preferredRemote(server.remotes).type,
            currentHeaders,
          },
          request,
        );
    return { target, headers, exchange, key };
  }

  /** One handshake at a time for each key: a server must not make sessions that nobody uses. */
  async #handshakeFor(
    attempt: Attempt,
    exchange: Exchange,
  ): Promise<Handshake> {
    const { key } = attempt;
    const known = await this.#options.sessions.find(key);
    if (known) {
      attempt.handshake = known;
      return known;
    }
    const id = JSON.stringify(key);
    let underWay = this.#handshakes.get(id);
    if (!underWay) {
      const done = exchange
        .shakeHands()
        .then(async handshake => {
          await this.#options.sessions.keep(key, handshake);
          return handshake;
        })
        .finally(() => this.#handshakes.delete(id));
      underWay = { attempt, done };
      this.#handshakes.set(id, underWay);
    }
    try {
      attempt.handshake = await underWay.done;
    } catch (cause) {
      throw new FailedHandshake(underWay.attempt, { cause });
    }
    // An older server refuses the first question of a newer client.
    exchange.refusal = undefined;
    return attempt.handshake;
  }

  async #mayRepeat(
    request: UpstreamRequest,
    { target, headers, exchange, key, handshake }: Attempt,
    error: unknown,
  ): Promise<boolean> {
    const { status, challenge } = exchange.refusal ?? {};
    if (status === 401 || status === 403) {
      const next = await this.#options.signIn.refused(target, request.caller, {
        status,
        challenge,
        headers,
      });
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
    if (
      exchange.tooLarge ||
      error instanceof ProtocolError ||
      isRefusedHere(error)
    ) {
      return false;
    }
    if (wasNotSent(error)) {
      return true;
    }
    // Who was told that the request is wrong, or comes too early, does not say it again.
    const isRefused = status !== undefined && status < 500;
    return request.repeatable && !isRefused && !isTimeout(error);
  }

  #failure(
    request: UpstreamRequest,
    exchange: Exchange | ApiExchange,
    error: unknown,
  ): unknown {
    if (
      error instanceof ProtocolError ||
      request.signal.aborted ||
      isRefusedHere(error)
    ) {
      return error;
    }
    const { server } = request;
    const failure = failureOf(exchange, error);
    this.#options.logger.warn(
      `The MCP server "${server.name}" failed (${failure}): ${reasonOf(
        exchange,
        error,
      )}`,
    );
    return new UpstreamError(server.name, failure, {
      cause: error,
      challenge: exchange.refusal?.challenge,
      retryAfterSeconds: retryAfterSeconds(exchange.refusal?.retryAfter),
    });
  }
}

/** Whether the user did not let the portal do it: nothing was sent. */
function isRefusedHere(error: unknown): boolean {
  return isError(error) && error.name === 'NotAllowedError';
}

/** For the log. The SDK's errors hold what the server wrote, which may repeat the credential that it refused. */
function reasonOf(
  { refusal }: Exchange | ApiExchange,
  error: unknown,
): unknown {
  return refusal ? `HTTP status ${refusal.status}` : error;
}
