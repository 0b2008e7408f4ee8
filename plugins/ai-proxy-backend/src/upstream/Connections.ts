import http, { ClientRequest, IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import type { Provider, Target, Timeouts } from '../providers';
import type { Client } from './Client';

/** How many idle connections are kept to each host. */
const MAX_FREE_SOCKETS = 256;

/** Providers close idle connections after a minute or more. */
const KEEP_ALIVE_MS = 30_000;

/** Later, a kept connection ends because of what it was asked. */
const STALE_MS = 2_000;

/** Why there is no answer. */
export type UpstreamFailure =
  /** No connection. */
  | 'connect'
  /** The connection ended before the answer began. */
  | 'reset'
  /** The answer did not begin in time. */
  | 'timeout'
  /** The client has gone. */
  | 'gone';

/** Thrown when there is no answer. */
export class UpstreamError extends Error {
  override name = 'UpstreamError';
  /** How often providers were asked. */
  attempts = 0;
  /** Whether the provider works on the request, though nobody waits for its answer. */
  isAtWork = false;
  constructor(readonly failure: UpstreamFailure, cause?: unknown) {
    super(
      {
        connect: 'The provider could not be reached',
        reset: 'The provider closed the connection before it answered',
        timeout: 'The provider did not begin to answer in time',
        gone: 'The client has gone',
      }[failure],
      { cause },
    );
  }
}

/** Thrown when a kept connection had ended before the request came. */
class StaleConnectionError extends Error {}

/** What is sent. */
export interface UpstreamRequest {
  target: Target;
  method: string;
  /** Below the target's base URL, with query. */
  path: string;
  /** In front of the path of the base URL, such as `/upload`. */
  above?: string;
  /** The target's own come on top. */
  headers: Record<string, string>;
  /** A stream is sent as it comes; its length is in the headers, or it is chunked. */
  body?: Buffer | Readable;
  /** Over a connection of its own: a kept one may have ended, and what then has to be sent again may have arrived. */
  isFresh?: boolean;
  timeouts: Timeouts;
  client: Client;
  /** Default: `cancel`. */
  onDisconnect?: Provider['onDisconnect'];
}

/** Connections to providers, which stay open between requests. */
export class Connections {
  readonly #http: http.Agent;
  readonly #https: https.Agent;

  constructor() {
    const options = {
      keepAlive: true,
      keepAliveMsecs: KEEP_ALIVE_MS,
      maxFreeSockets: MAX_FREE_SOCKETS,
      // Lets the others end when there are fewer requests.
      scheduling: 'lifo' as const,
    };
    this.#http = new http.Agent(options);
    this.#https = new https.Agent(options);
  }

  /**
   * Sends a request.
   *
   * @returns when the answer's head is there
   * @throws UpstreamError when there is none
   */
  async send(request: UpstreamRequest): Promise<IncomingMessage> {
    try {
      return await this.#send(request);
    } catch (error) {
      // The provider had closed a kept connection just then; nothing was read of the request.
      if (error instanceof StaleConnectionError) {
        return this.#send({ ...request, isFresh: true });
      }
      throw error;
    }
  }

  /** Closes all connections. */
  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  #send(request: UpstreamRequest): Promise<IncomingMessage> {
    const { target, timeouts, client, body, isFresh, onDisconnect } = request;
    const { baseUrl } = target;
    const isHttps = baseUrl.protocol === 'https:';
    const kept = isHttps ? this.#https : this.#http;
    return new Promise((resolve, reject) => {
      if (client.isGone) {
        reject(new UpstreamError('gone'));
        return;
      }
      const outgoing = (isHttps ? https : http).request({
        agent: isFresh ? false : kept,
        method: request.method,
        host: baseUrl.hostname.replace(/^\[|\]$/g, ''),
        port: baseUrl.port || undefined,
        path: `${request.above ?? ''}${
          baseUrl.pathname === '/' ? '' : baseUrl.pathname
        }${request.path}`,
        headers: { ...request.headers, ...target.headers, host: baseUrl.host },
      });
      const startedMs = performance.now();
      let failure: UpstreamFailure | undefined;
      const timer = watchStart(outgoing, timeouts, found => {
        failure ??= found;
        outgoing.destroy();
      });
      const leave = () => {
        failure ??= 'gone';
        outgoing.destroy();
      };
      let lingering: NodeJS.Timeout | undefined;
      const forget = client.onGone(() => {
        if (onDisconnect === 'drain') {
          lingering = setTimeout(leave, timeouts.drainMs);
        } else {
          leave();
        }
      });
      let isOver = false;
      const finish = () => {
        isOver = true;
        timer.stop();
        clearTimeout(lingering);
        forget();
      };
      outgoing.on('response', response => {
        finish();
        resolve(response);
      });
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        finish();
        if (failure) {
          const abandoned = new UpstreamError(failure, error);
          abandoned.isAtWork = timer.isConnected();
          reject(abandoned);
        } else if (
          outgoing.reusedSocket &&
          performance.now() - startedMs < STALE_MS &&
          (error.code === 'ECONNRESET' || error.code === 'EPIPE') &&
          !isStream(body)
        ) {
          reject(new StaleConnectionError());
        } else {
          reject(
            new UpstreamError(timer.isConnected() ? 'reset' : 'connect', error),
          );
        }
      });
      outgoing.on('close', () => {
        if (isOver) {
          return;
        }
        // Without an answer or an error, as when the provider switches protocols.
        finish();
        reject(new UpstreamError(failure ?? 'reset'));
      });
      if (isStream(body)) {
        body.on('error', error => {
          // It is not the provider that failed.
          failure ??= 'gone';
          outgoing.destroy(error);
        });
        body.pipe(outgoing);
      } else {
        outgoing.end(body);
      }
    });
  }
}

function isStream(body: Buffer | Readable | undefined): body is Readable {
  return body !== undefined && !Buffer.isBuffer(body);
}

function watchStart(
  outgoing: ClientRequest,
  timeouts: Timeouts,
  onTimeout: (failure: UpstreamFailure) => void,
): { stop(): void; isConnected(): boolean } {
  let isConnected = false;
  let timer: NodeJS.Timeout | undefined;
  const connected = () => {
    isConnected = true;
    clearTimeout(timer);
    timer = setTimeout(() => onTimeout('timeout'), timeouts.firstByteMs);
  };
  outgoing.on('socket', socket => {
    if (!socket.connecting) {
      connected();
      return;
    }
    timer = setTimeout(() => onTimeout('connect'), timeouts.connectMs);
    socket.once('encrypted' in socket ? 'secureConnect' : 'connect', connected);
  });
  return {
    stop: () => clearTimeout(timer),
    isConnected: () => isConnected,
  };
}
