import type { ApiName } from '@prompt-corner/plugin-ai-proxy-common';

/** Where requests for models of a kind go. */
export interface Provider {
  /** As the configuration, usage and policies name it. */
  name: string;
  /** At which of the proxy's APIs clients reach it. */
  api: ApiName;
  /** In the order of the configuration; at least one. */
  targets: Target[];
  /** Which models it has, `*` as a wildcard; undefined for all. */
  models?: string[];
  /** How the provider is told who the user is. */
  identity: Identity;
  retention: Retention;
  /**
   * Whether streams of chat completions are asked to tell their usage: only by
   * clients that ask for it, or always. Clients then get a chunk that they have
   * not asked for; otherwise usage is estimated.
   */
  usageInStreams: 'asked' | 'always';
  /** Whether the client's disconnect ends the request, or the answer is read on, to learn the usage. */
  onDisconnect: 'cancel' | 'drain';
  timeouts: Timeouts;
  retries: Retries;
  concurrency?: Concurrency;
  breaker: BreakerSettings;
}

/** A deployment with one of its keys. */
export interface Target {
  /** Name of the deployment, and of the key where it has several; unique within the provider. */
  name: string;
  /** With the version, without a slash at the end. */
  baseUrl: URL;
  /** Sent with each request; the key among them. Names in lower case. */
  headers: Readonly<Record<string, string>>;
  weight: number;
}

/**
 * Where the caller's UUID goes:
 *
 * - `api`: where the provider's API has a place for it
 * - `cloudflare`: in the metadata of Cloudflare AI Gateway, and where the API has a place
 * - `litellm`: in LiteLLM's header, and where the API has a place
 * - `user`: in the member `user` of the body, as older APIs like OpenAI's have it
 * - `none`
 */
export type Identity = 'api' | 'cloudflare' | 'litellm' | 'user' | 'none';

/** What is done, and agreed, about what the provider keeps. */
export interface Retention {
  /** Whether requests say that the answer is not to be stored. */
  optOut: boolean;
  /** Models that are left out of it, `*` as a wildcard. */
  except: string[];
  /** What was agreed with the provider, as the configuration words it. */
  agreement?: string;
}

/** In milliseconds. */
export interface Timeouts {
  connectMs: number;
  /** From the request's end to the answer's first byte. */
  firstByteMs: number;
  /** Between two chunks of an answer. */
  idleMs: number;
  /** For reading an answer to its end after the client has gone. */
  drainMs: number;
}

/** What happens when an answer is an overload, or none. */
export interface Retries {
  /** Further attempts at this provider, before the next one of the chain is asked. */
  attempts: number;
  /** For how long a provider's `Retry-After` is waited for, in milliseconds; longer ones are told to the client. */
  maxWaitMs: number;
}

/** How many requests may be at a provider at the same time, from each replica. */
export interface Concurrency {
  max: number;
  /** That may wait. */
  queue: number;
  queueTimeoutMs: number;
}

/** When a target is left out for a while. */
export interface BreakerSettings {
  /** Consecutive failures. */
  failures: number;
  /** For how long, in milliseconds. */
  openMs: number;
}
