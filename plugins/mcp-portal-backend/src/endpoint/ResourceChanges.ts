import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Upstreams } from '../upstreams';
import type { PortalRequest } from './PortalRequest';
import type { Resources } from './Resources';

/** How often is looked which resources a client wants to hear of. */
const LOOK_MS = 1_000;

/** To begin listening. */
const TIMEOUT_MS = 10_000;

/** Brings clients the news that a resource has changed, from the server that has it. */
export class ResourceChanges {
  readonly #resources: Resources;
  readonly #upstreams: Upstreams;
  readonly #logger: LoggerService;

  constructor(options: {
    resources: Resources;
    upstreams: Upstreams;
    logger: LoggerService;
  }) {
    this.#resources = options.resources;
    this.#upstreams = options.upstreams;
    this.#logger = options.logger;
  }

  /**
   * Until the signal ends it.
   *
   * @param wanted - URIs, as the portal names them; asked again and again
   */
  watch(
    request: PortalRequest,
    wanted: () => Promise<string[]>,
    onUpdate: (uri: string) => void,
    signal: AbortSignal,
  ): void {
    const listening = new Map<string, AbortController>();
    const look = async () => {
      const uris = await this.#readable(
        request,
        await wanted().catch(() => [...listening.keys()]),
      );
      for (const [uri, stop] of listening) {
        if (!uris.has(uri)) {
          stop.abort();
          listening.delete(uri);
        }
      }
      for (const uri of uris) {
        if (!listening.has(uri) && !signal.aborted) {
          const stop = new AbortController();
          listening.set(uri, stop);
          this.#listen(request, uri, onUpdate, stop.signal)
            .catch(error =>
              this.#logger.debug(`Cannot listen to a resource: ${error}`),
            )
            .finally(() => {
              if (listening.get(uri) === stop) {
                listening.delete(uri);
              }
            });
        }
      }
    };
    void look();
    const timer = setInterval(look, LOOK_MS);
    timer.unref();
    signal.addEventListener(
      'abort',
      () => {
        clearInterval(timer);
        listening.forEach(stop => stop.abort());
      },
      { once: true },
    );
  }

  /** Those that the caller may read now. */
  async #readable(
    request: PortalRequest,
    uris: string[],
  ): Promise<Set<string>> {
    const readable = new Set<string>();
    for (const uri of uris) {
      const mayRead = await this.#resources.assertReadable(request, uri).then(
        () => true,
        () => false,
      );
      if (mayRead) {
        readable.add(uri);
      }
    }
    return readable;
  }

  async #listen(
    request: PortalRequest,
    uri: string,
    onUpdate: (uri: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const resource = await this.#resources.assertReadable(request, uri);
    const { caller, session } = request;
    await this.#upstreams.listen(
      {
        server: resource.server,
        caller,
        client: {
          session: session?.idHash ?? caller.connectionId ?? caller.uuid,
          capabilities: session?.client.capabilities ?? {},
        },
        signal,
        timeoutMs: TIMEOUT_MS,
        onNotification: ({ method, params }) => {
          if (
            method === 'notifications/resources/updated' &&
            params?.uri === resource.uri
          ) {
            onUpdate(uri);
          }
        },
      },
      [resource.uri],
    );
  }
}
