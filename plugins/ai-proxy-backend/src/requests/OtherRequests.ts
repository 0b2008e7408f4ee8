import type { UsageEvent } from '@prompt-corner/plugin-ai-proxy-common';
import { passOn } from '../answers';
import { requestHeaders, responseHeaders } from '../headers';
import { identityHeaders } from '../identity';
import type { Routes } from '../providers';
import type { Upstreams } from '../upstream';
import { RefusedError } from '../wire';
import type { Exchange } from './Exchange';
import { outcomeOf, tell } from './outcome';

/**
 * Passes on what an administrator allows besides what the proxy knows. It is
 * counted as a request, and its body is not looked at.
 */
export class OtherRequests {
  readonly #options: {
    routes: Routes;
    upstreams: Upstreams;
    forwardedHeaders: readonly string[];
    record(event: UsageEvent): void;
  };

  constructor(options: {
    routes: Routes;
    upstreams: Upstreams;
    forwardedHeaders: readonly string[];
    record(event: UsageEvent): void;
  }) {
    this.#options = options;
  }

  /** Answers a request. Never throws. */
  async handle(exchange: Exchange): Promise<void> {
    const { record } = this.#options;
    try {
      record(await this.#forward(exchange));
    } catch (error) {
      const { outcome, refusal, isUnexpected } = tell(error);
      exchange.refuse(refusal);
      if (isUnexpected) {
        exchange.onUnexpected?.(error);
      }
      record(
        exchange.event({
          outcome,
          status: refusal.status,
          refusal: refusal.reason,
          attempts: 0,
        }),
      );
    }
  }

  async #forward(exchange: Exchange): Promise<UsageEvent> {
    const { routes, upstreams, forwardedHeaders } = this.#options;
    const { operation, request, response, principal, client } = exchange;
    const [provider] = routes.at(operation.api);
    if (!provider) {
      throw new RefusedError({
        status: 404,
        reason: 'no_provider',
        message: `There is no provider for ${operation.api} here`,
      });
    }
    const length = request.headers['content-length'];
    const answer = await upstreams.ask({
      chain: [{ provider, model: '' }],
      caller: principal.uuid,
      affinity: principal.uuid,
      client,
      once: true,
      prepare: () => ({
        method: request.method!,
        path: operation.path + exchange.query,
        headers: {
          ...requestHeaders(operation.api, request.headers, forwardedHeaders),
          ...identityHeaders(provider.identity, principal.uuid),
          ...(length !== undefined && { 'content-length': length }),
        },
        body: hasBody(request) ? request : undefined,
      }),
    });
    const status = answer.response.statusCode!;
    response.writeHead(
      status,
      responseHeaders(answer.response.headers, exchange.id),
    );
    const how = await passOn(answer.response, response, {
      client,
      onDisconnect: 'cancel',
      timeouts: provider.timeouts,
      onChunk: () => exchange.firstByte(),
    });
    answer.release();
    return exchange.event({
      provider: provider.name,
      deployment: answer.target.name,
      outcome: outcomeOf(status, how),
      status: how === 'aborted' ? 499 : status,
      attempts: answer.attempts,
    });
  }
}

function hasBody({ headers }: Exchange['request']): boolean {
  return (
    headers['transfer-encoding'] !== undefined ||
    Number(headers['content-length']) > 0
  );
}
