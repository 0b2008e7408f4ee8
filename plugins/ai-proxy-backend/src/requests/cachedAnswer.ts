import type { UsageEvent } from '@prompt-corner/plugin-ai-proxy-common';
import type { CachedAnswer, ResponseCache } from '../cache';
import type { Candidate } from '../providers';
import type { InferenceRequest } from '../wire';
import type { Exchange } from './Exchange';

/** Under which the answer to a request is kept; nothing where answers are not. */
export function cacheKeysOf(
  cache: ResponseCache | undefined,
  { principal, operation, query, request }: Exchange,
  asked: {
    candidate: Candidate;
    headers: Record<string, string>;
    /** Inspected. */
    json: Buffer;
  },
): string[] {
  const { candidate, headers, json } = asked;
  const { provider, model } = candidate;
  return (
    cache?.keysOf({
      principal,
      path: `${provider.name}${operation.path}${query}`,
      model,
      headers,
      directives: request.headers['cache-control'],
      json,
    }) ?? []
  );
}

/**
 * Answers with what was kept.
 *
 * @returns what is counted of it
 */
export function answerAgain(
  exchange: Exchange,
  { model, streaming }: InferenceRequest,
  cached: CachedAnswer,
): UsageEvent {
  exchange.response.writeHead(cached.status, {
    ...cached.headers,
    'x-ai-proxy-request-id': exchange.id,
    'x-ai-proxy-cache': 'hit',
  });
  exchange.firstByte();
  exchange.response.end(cached.body);
  return exchange.event({
    provider: cached.provider,
    model: cached.model,
    requestedModel: model,
    streaming,
    outcome: 'cached',
    status: cached.status,
    attempts: 0,
    undiscountedNanoUsd: cached.undiscountedNanoUsd,
  });
}
