import type { ApiName, WireFormat } from '../apis';

/**
 * Tokens of a request, each counted in exactly one of the classes by which
 * providers charge.
 *
 * @public
 */
export interface TokenUsage {
  /** Read by the model, neither from a cache nor into one. */
  inputTokens: number;
  /** Read from the provider's prompt cache. */
  cacheReadTokens: number;
  /** Written to the cache for five minutes, or for whatever time the provider takes by default. */
  cacheWrite5mTokens: number;
  /** Written to the cache for an hour. */
  cacheWrite1hTokens: number;
  /** Written by the model, with those of its reasoning. */
  outputTokens: number;
  /** Those of {@link TokenUsage.outputTokens} with which the model reasoned, where the provider tells. */
  reasoningTokens: number;
}

/**
 * Where the numbers come from:
 *
 * - `provider`: the provider said so at the end of its answer
 * - `partial`: it said a part of them before its answer was cut; the rest is estimated
 * - `estimated`: all of them are estimated
 * - `none`: there is nothing to count, as in a refused request
 *
 * @public
 */
export type UsageSource = 'provider' | 'partial' | 'estimated' | 'none';

/**
 * What came of a request:
 *
 * - `ok`
 * - `cached`: answered from the proxy's own cache, for nothing
 * - `refused`: by authentication of the provider's key apart, whatever the proxy itself says no to: policy, guardrails, budgets, limits
 * - `rejected`: the provider answered 4xx
 * - `failed`: the provider answered 5xx, or not at all
 * - `aborted`: the client went before the end
 *
 * @public
 */
export type RequestOutcome =
  | 'ok'
  | 'cached'
  | 'refused'
  | 'rejected'
  | 'failed'
  | 'aborted';

/** One request to a model, as it is counted. @public */
export interface UsageEvent {
  /** UUID; clients get it in the header `x-request-id`. */
  id: string;
  /** ISO 8601: when the request came. */
  at: string;
  /** UUID of the user or service. */
  principal: string;
  principalKind: 'user' | 'service';
  /** Entity refs of the caller's groups, nested ones too. */
  teams: string[];
  /** Entity ref of the component that the client says it works on, where the caller may read it. */
  component?: string;
  /** Entity refs: those of the component. */
  system?: string;
  domain?: string;
  /** Id of the OAuth client, and of the connection. */
  client: string;
  connectionId: string;
  /** As the client names its conversation. */
  session?: string;
  api: ApiName;
  /** Name of the provider in the configuration; absent when none was asked. */
  provider?: string;
  /** Name of the deployment that answered, where a provider has several. */
  deployment?: string;
  /** What the request is for, such as `openai-chat` or `files`. */
  operation: WireFormat | string;
  /** As the client wrote it. */
  requestedModel?: string;
  /** Which was asked in the end, without aliases, after fallbacks. */
  model?: string;
  streaming: boolean;
  outcome: RequestOutcome;
  /** HTTP status that the client got; 499 where it had gone. */
  status: number;
  /** Why it was refused, in a word, with the id of the policy, detector or budget; `budget:team-month`. */
  refusal?: string;
  /** Ids of guardrails that found something in the request, whatever was done about it, such as `secret.github-token`. */
  detectors?: string[];
  /** How often providers were asked. */
  attempts: number;
  tokens: TokenUsage;
  usageSource: UsageSource;
  /** As the provider names it, such as `priority`. */
  serviceTier?: string;
  /** In 10^-9 US dollars; null when the model has no price. */
  costNanoUsd: number | null;
  /** What it would have cost without the provider's prompt cache and the proxy's, in 10^-9 US dollars. */
  undiscountedNanoUsd: number | null;
  /** From the request's arrival to the end of the answer. */
  latencyMs: number;
  /** From the request's arrival to the answer's first byte. */
  timeToFirstByteMs?: number;
}
