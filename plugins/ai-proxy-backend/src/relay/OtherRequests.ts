import type { Routes } from '../providers';
import type { Exchange } from '../requests';
import { RefusedError } from '../wire';
import type { Relay } from './Relay';
import { chunksOf, streamOf } from './requestStream';

/**
 * Passes on what an administrator allows besides what the proxy knows. It is
 * counted as a request, and its body is not looked at.
 */
export class OtherRequests {
  readonly #routes: Routes;
  readonly #relay: Relay;

  constructor(options: { routes: Routes; relay: Relay }) {
    this.#routes = options.routes;
    this.#relay = options.relay;
  }

  /** Answers a request. Never throws. */
  handle(exchange: Exchange): Promise<void> {
    const { operation, request, query } = exchange;
    return this.#relay.run(exchange, async () => {
      const [provider] = this.#routes.at(operation.api);
      if (!provider) {
        throw new RefusedError({
          status: 404,
          reason: 'no_provider',
          message: `There is no provider for ${operation.api} here`,
        });
      }
      const length = request.headers['content-length'];
      const answer = await this.#relay.ask(exchange, {
        provider,
        method: request.method!,
        path: operation.path + query,
        body: hasBody(request)
          ? streamOf(chunksOf(request, Infinity))
          : undefined,
        contentLength: length === undefined ? undefined : Number(length),
        once: true,
      });
      return this.#relay.pass(exchange, answer);
    });
  }
}

function hasBody({ headers }: Exchange['request']): boolean {
  return (
    headers['transfer-encoding'] !== undefined ||
    Number(headers['content-length']) > 0
  );
}
