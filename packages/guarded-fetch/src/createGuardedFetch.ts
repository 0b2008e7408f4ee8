import { InputError } from '@backstage/errors';
import { Agent } from 'undici';
import { Answer } from './Answer';
import {
  createGuardedConnector,
  RefusedConnectionError,
  type Resolve,
  resolveHost,
} from './guardedConnector';
import { TooManyBytesError } from './limitBytes';
import { redirectOf } from './redirects';
import { toSentRequest } from './sentRequest';
import { UnreachableHostError } from './UnreachableHostError';

const MAX_REDIRECTS = 3;

/** Longer would keep sockets that most servers have closed by then. */
const KEEP_ALIVE_MS = 30_000;

/** What `fetch` takes, and bounds of this one answer. */
export interface GuardedRequestInit extends RequestInit {
  /** Of the answer, unpacked: reading more fails with a {@link TooManyBytesError}. */
  maxBytes?: number;
  /** Told of it, for a reader that does not say why it failed. */
  onTooLarge?: (error: TooManyBytesError) => void;
}

/** A `fetch` with bounds; see {@link createGuardedFetch}. */
export interface GuardedFetch {
  (url: string | URL, init?: GuardedRequestInit): Promise<Response>;
  /** Ends what is under way, and closes the connections. */
  close(): Promise<void>;
}

/** What {@link createGuardedFetch} may reach, and how long and large answers may be. */
export interface GuardedFetchOptions {
  /** Exact hosts, with port unless it is 443, that may have internal addresses. */
  trustedHosts: Iterable<string>;
  /**
   * Exact hosts, with port unless it is 80, that may be asked by `http` wherever
   * they are. Anybody in between can read and change what is sent. Default: none.
   */
  plainHosts?: Iterable<string>;
  /** Until the head of the answer has arrived. */
  timeoutMs: number;
  /** Until all of the answer has arrived. Default: none, so that streams may last. */
  bodyTimeoutMs?: number;
  /** Of an answer, unpacked: reading more fails. Default: no limit. */
  maxBytes?: number;
  /** Finds the addresses of a host. Default: the operating system. */
  resolve?: Resolve;
  /**
   * Gets the reason for what callers are told in general words only, as it
   * would let a stranger explore the network.
   */
  onRefused?: (reason: string) => void;
}

/**
 * Makes a `fetch` that cannot be led to what only this machine can reach:
 * connections are made to public addresses, and to internal ones of trusted
 * hosts; never to those at which clouds give out credentials. It follows
 * redirects within the same origin only, and uses no proxy and no cookies.
 *
 * `http` is for plain hosts, and for this machine when its host is trusted.
 *
 * Answers stream. Connections are kept and used again, each for its host.
 *
 * The made function throws
 *
 * - InputError when the URL is none that can be fetched, or leads to another origin
 * - UnreachableHostError when the host cannot be reached, does not answer in
 *   time, or is only at an address that is not allowed
 * - the reason of `init.signal` when that is aborted
 * - TooManyBytesError when the answer, or what is read of it, is larger than is allowed
 *
 * @throws InputError when a trusted host is none
 */
export function createGuardedFetch(options: GuardedFetchOptions): GuardedFetch {
  const { timeoutMs, bodyTimeoutMs, maxBytes, onRefused } = options;
  const dispatcher = new Agent({
    connect: createGuardedConnector({
      trustedHosts: new Set(
        [...options.trustedHosts].map(host => toHost(host, 'https')),
      ),
      plainHosts: new Set(
        [...(options.plainHosts ?? [])].map(host => toHost(host, 'http')),
      ),
      resolve: options.resolve ?? resolveHost,
      timeoutMs,
    }),
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Set for each request below; a stream may be silent for long.
    headersTimeout: 0,
    bodyTimeout: 0,
  });

  async function fetchOnce(
    url: URL,
    init: GuardedRequestInit,
    end?: AbortSignal,
  ): Promise<Response> {
    const request = await toSentRequest(url, init);
    const answer = new Answer(url, {
      maxBytes: Math.min(init.maxBytes ?? Infinity, maxBytes ?? Infinity),
      onTooLarge: init.onTooLarge,
      signal:
        init.signal && end
          ? AbortSignal.any([init.signal, end])
          : init.signal ?? end,
    });
    const timer = setTimeout(
      () => answer.abort(new Error('no answer in time')),
      timeoutMs,
    );
    try {
      dispatcher.dispatch(request, answer);
      return await answer.response;
    } catch (error) {
      init.signal?.throwIfAborted();
      if (error instanceof TooManyBytesError) {
        throw error;
      }
      onRefused?.(`${url.origin}${url.pathname}: ${reasonOf(error)}`);
      throw new UnreachableHostError(url.host, {
        notSent: answer.connectionFailed,
      });
    } finally {
      clearTimeout(timer);
    }
  }

  async function guardedFetch(
    input: string | URL,
    init: GuardedRequestInit = {},
  ): Promise<Response> {
    let url = toUrl(input);
    const end =
      bodyTimeoutMs === undefined
        ? undefined
        : AbortSignal.timeout(bodyTimeoutMs);
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const answer = await fetchOnce(url, init, end);
      if (init.redirect === 'manual') {
        return answer;
      }
      let target: URL | undefined;
      try {
        target = redirectOf(url, init, answer);
      } catch (error) {
        await answer.body?.cancel();
        throw error;
      }
      if (!target) {
        return answer;
      }
      await answer.body?.cancel();
      url = target;
    }
    throw new InputError(
      `${url.origin} redirects more than ${MAX_REDIRECTS} times`,
    );
  }

  return Object.assign(guardedFetch, { close: () => dispatcher.destroy() });
}

/** @throws InputError when it is no host with or without port */
function toHost(trustedHost: string, scheme: 'http' | 'https'): string {
  const url = URL.parse(`${scheme}://${trustedHost}`);
  if (
    !url ||
    url.href !== `${scheme}://${url.host}/` ||
    /[/?#@\\*]/.test(trustedHost)
  ) {
    throw new InputError(
      `"${trustedHost}" is no trusted host; give a host name, with a port unless it is 443, such as "gitlab.internal" or "localhost:8080"`,
    );
  }
  return url.host;
}

/** @throws InputError when it is no URL that can be fetched */
function toUrl(input: string | URL): URL {
  const url = URL.parse(input);
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw new InputError('Only http and https URLs can be fetched');
  }
  if (url.username || url.password) {
    throw new InputError(
      `The URL of ${url.host} holds credentials, which are not sent this way`,
    );
  }
  return url;
}

function reasonOf(error: unknown): string {
  let reason = error;
  // fetch wraps what happened, and so does a connection that was tried at several addresses.
  while (reason instanceof Error && reason.cause) {
    reason = reason.cause;
  }
  return reason instanceof RefusedConnectionError
    ? reason.message
    : String(reason);
}
