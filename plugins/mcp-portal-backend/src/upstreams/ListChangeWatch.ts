import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Caller } from '../callers/Caller';
import type { UpstreamServer } from './types';
import type { Upstreams } from './Upstreams';

/** Until a server that stopped to speak is listened to again; doubled up to the longest. */
const SHORTEST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 15 * 60_000;

/** To begin listening. */
const TIMEOUT_MS = 20_000;

/**
 * Listens to servers for the news that their lists have changed, so that they
 * are asked at once what they offer. A server that cannot be listened to is
 * asked on schedule.
 */
export class ListChangeWatch {
  readonly #upstreams: Upstreams;
  readonly #caller: Caller;
  readonly #onListChanged: (entityRef: string) => void;
  readonly #logger: LoggerService;
  readonly #watched = new Map<string, AbortController>();

  /** @param options.caller - the portal itself */
  constructor(options: {
    upstreams: Upstreams;
    caller: Caller;
    onListChanged: (entityRef: string) => void;
    logger: LoggerService;
  }) {
    this.#upstreams = options.upstreams;
    this.#caller = options.caller;
    this.#onListChanged = options.onListChanged;
    this.#logger = options.logger;
  }

  /** Listens to these servers, and to no others any more. */
  watch(servers: UpstreamServer[]): void {
    const wanted = new Map(servers.map(server => [keyOf(server), server]));
    for (const [key, stop] of this.#watched) {
      if (!wanted.has(key)) {
        stop.abort();
        this.#watched.delete(key);
      }
    }
    for (const [key, server] of wanted) {
      if (!this.#watched.has(key)) {
        const stop = new AbortController();
        this.#watched.set(key, stop);
        void this.#listen(server, stop.signal);
      }
    }
  }

  stop(): void {
    this.watch([]);
  }

  async #listen(server: UpstreamServer, signal: AbortSignal): Promise<void> {
    for (let pauseMs = SHORTEST_PAUSE_MS; !signal.aborted; ) {
      const started = Date.now();
      await this.#upstreams
        .listen(
          {
            server,
            caller: this.#caller,
            client: { session: 'portal', capabilities: {} },
            signal,
            timeoutMs: TIMEOUT_MS,
            onNotification: ({ method }) => {
              if (method.endsWith('/list_changed')) {
                this.#onListChanged(server.entityRef);
              }
            },
          },
          [],
        )
        .catch(error =>
          this.#logger.debug(`Cannot listen to "${server.name}": ${error}`),
        );
      pauseMs =
        Date.now() - started > LONGEST_PAUSE_MS
          ? SHORTEST_PAUSE_MS
          : Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      await pause(pauseMs, signal);
    }
  }
}

function keyOf({ entityRef, remotes }: UpstreamServer): string {
  return JSON.stringify([entityRef, remotes]);
}

async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>(resolve => {
    const timer = setTimeout(resolve, durationMs);
    timer.unref();
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
