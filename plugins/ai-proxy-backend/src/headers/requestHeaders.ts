import type { IncomingHttpHeaders } from 'node:http';
import type { ApiName } from '@prompt-corner/plugin-ai-proxy-common';

/**
 * What goes on to a provider. All else stays: tokens, cookies and addresses, and
 * what tools tell of the machine that they run on, such as `x-stainless-os`,
 * `x-codex-turn-metadata` with its paths, and `user-agent`. `idempotency-key` would
 * hold for everybody who has the same key at the provider, which is all callers.
 */
const FORWARDED = ['accept', 'content-type', 'traceparent'] as const;

const FORWARDED_BY_API: Record<ApiName, RegExp> = {
  anthropic: /^anthropic-(?!organization|workspace|user|dangerous)[a-z-]+$/,
  openai: /^openai-(?!organization|project)[a-z-]+$/,
  'google-ai-studio': /^(?!)/,
  compat: /^(?!)/,
};

const PREFIX: Partial<Record<ApiName, string>> = {
  anthropic: 'anthropic-',
  openai: 'openai-',
};

/**
 * The headers of a request that a provider gets, but for those of its own, such
 * as its key.
 *
 * @param further - names of headers that an administrator lets through as well, in lower case
 */
export function requestHeaders(
  api: ApiName,
  headers: IncomingHttpHeaders,
  further: readonly string[] = [],
): Record<string, string> {
  const forwarded: Record<string, string> = {
    // Usage is read from the bytes as they pass.
    'accept-encoding': 'identity',
    'user-agent': 'ai-proxy',
  };
  for (const name of FORWARDED) {
    const value = headers[name];
    if (typeof value === 'string') {
      forwarded[name] = value;
    }
  }
  const prefix = PREFIX[api];
  if (prefix) {
    const pattern = FORWARDED_BY_API[api];
    for (const name in headers) {
      if (name.startsWith(prefix) && pattern.test(name)) {
        forwarded[name] = String(headers[name]);
      }
    }
  }
  for (const name of further) {
    const value = headers[name];
    if (typeof value === 'string') {
      forwarded[name] = value;
    }
  }
  return forwarded;
}
