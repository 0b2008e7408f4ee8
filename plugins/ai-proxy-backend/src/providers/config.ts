import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { readDurationFromConfig } from '@backstage/config';
import { durationToMilliseconds, HumanDuration } from '@backstage/types';
import { API_NAMES, ApiName } from '@prompt-corner/plugin-ai-proxy-common';
import type { Identity, Provider, Target } from './Provider';

const KEY = 'aiProxy.providers';

/** Names of providers are parts of policies, of names of models, and of columns. */
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** By which header each API takes its key. */
const KEY_HEADERS: Record<ApiName, (key: string) => Record<string, string>> = {
  anthropic: key => ({ 'x-api-key': key }),
  openai: key => ({ authorization: `Bearer ${key}` }),
  'google-ai-studio': key => ({ 'x-goog-api-key': key }),
  compat: key => ({ authorization: `Bearer ${key}` }),
};

const BASE_URLS: Partial<Record<ApiName, string>> = {
  anthropic: 'https://api.anthropic.com/v1',
  openai: 'https://api.openai.com/v1',
  'google-ai-studio': 'https://generativelanguage.googleapis.com/v1beta',
};

const IDENTITIES: Identity[] = ['api', 'cloudflare', 'litellm', 'user', 'none'];

const GATEWAYS = ['cloudflare', 'litellm'] as const;

/** Headers that the proxy sets itself, or that belong to the connection. */
const RESERVED = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'accept-encoding',
  'cookie',
]);

/**
 * Reads the section `aiProxy.providers`.
 *
 * @returns in the order of the configuration; empty when there is none
 * @throws InputError naming the key, when a value cannot be used
 */
export function readProviders(config: Config): Provider[] {
  const section = config.getOptionalConfig(KEY);
  return (section?.keys() ?? []).map(name => {
    if (!NAME.test(name)) {
      throw new InputError(
        `${KEY} has "${name}"; names have lower-case letters, digits and "-", and at most 63 of them`,
      );
    }
    return readProvider(name, section!.getConfig(name));
  });
}

function readProvider(name: string, config: Config): Provider {
  const key = `${KEY}.${name}`;
  const api = oneOf(
    config.getOptionalString('api') ?? name,
    API_NAMES,
    `${key}.api`,
  );
  const gateway = optionalOneOf(
    config.getOptionalString('gateway.kind'),
    GATEWAYS,
    `${key}.gateway.kind`,
  );
  return {
    name,
    api,
    targets: readTargets(config, { key, api }),
    models: config.getOptionalStringArray('models'),
    identity:
      optionalOneOf(
        config.getOptionalString('identity'),
        IDENTITIES,
        `${key}.identity`,
      ) ??
      gateway ??
      (api === 'compat' ? 'none' : 'api'),
    retention: {
      optOut: config.getOptionalBoolean('retention.optOut') ?? api === 'openai',
      except: config.getOptionalStringArray('retention.except') ?? [],
      agreement: config.getOptionalString('retention.agreement'),
    },
    usageInStreams:
      optionalOneOf(
        config.getOptionalString('usageInStreams'),
        ['asked', 'always'] as const,
        `${key}.usageInStreams`,
      ) ?? 'asked',
    onDisconnect:
      optionalOneOf(
        config.getOptionalString('onDisconnect'),
        ['cancel', 'drain'] as const,
        `${key}.onDisconnect`,
      ) ?? 'cancel',
    timeouts: {
      connectMs: duration(config, 'timeouts.connect', 10_000),
      // Reasoning models take minutes to begin (OpenAI's own SDK waits for ten).
      firstByteMs: duration(config, 'timeouts.firstByte', 600_000),
      idleMs: duration(config, 'timeouts.idle', 300_000),
      drainMs: duration(config, 'timeouts.drain', 60_000),
    },
    retries: {
      attempts: count(config, 'retries.attempts', 2, key),
      maxWaitMs: duration(config, 'retries.maxWait', 2_000),
    },
    concurrency: config.has('concurrency')
      ? {
          max: count(config, 'concurrency.max', 64, key) || 1,
          queue: count(config, 'concurrency.queue', 256, key),
          queueTimeoutMs: duration(config, 'concurrency.queueTimeout', 30_000),
        }
      : undefined,
    breaker: {
      failures: count(config, 'breaker.failures', 5, key) || 1,
      openMs: duration(config, 'breaker.openFor', 15_000),
    },
  };
}

function readTargets(
  config: Config,
  { key, api }: { key: string; api: ApiName },
): Target[] {
  const shared = {
    ...gatewayHeaders(config, key),
    ...headersOf(config, key),
  };
  const deployments = config.getOptionalConfigArray('deployments') ?? [];
  const sources = deployments.length
    ? deployments.map((deployment, index) => ({
        config: deployment,
        name: deployment.getOptionalString('name') ?? `deployment-${index + 1}`,
        key: `${key}.deployments[${index}]`,
      }))
    : [{ config, name: 'default', key }];
  const targets = sources.flatMap(source => {
    const baseUrl = readBaseUrl(
      source.config.getOptionalString('baseUrl') ??
        config.getOptionalString('baseUrl') ??
        BASE_URLS[api],
      `${source.key}.baseUrl`,
    );
    const own = source.config.getOptionalConfigArray('keys');
    const keys = own ?? config.getOptionalConfigArray('keys') ?? [];
    const weight = positive(source.config, 'weight', source.key);
    const headers = {
      ...shared,
      ...(source.config === config ? {} : headersOf(source.config, source.key)),
    };
    if (keys.length === 0) {
      if (api !== 'compat' && Object.keys(headers).length === 0) {
        throw new InputError(
          `${source.key}.keys is missing; give the provider's key by reference, such as - value: \${ANTHROPIC_API_KEY}`,
        );
      }
      return [{ name: source.name, baseUrl, headers, weight }];
    }
    return keys.map((item, index) => ({
      name:
        keys.length === 1
          ? source.name
          : `${source.name}/${item.getOptionalString('name') ?? index + 1}`,
      baseUrl,
      headers: { ...headers, ...KEY_HEADERS[api](item.getString('value')) },
      weight: weight * positive(item, 'weight', `${source.key}.keys[${index}]`),
    }));
  });
  const names = targets.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new InputError(
      `${key} has two deployments or keys named "${twice}"; name each`,
    );
  }
  return targets;
}

/** How gateways want to be signed in at (developers.cloudflare.com/ai-gateway, "Authenticated gateway"; docs.litellm.ai). */
function gatewayHeaders(config: Config, key: string): Record<string, string> {
  const token = config.getOptionalString('gateway.token');
  if (token === undefined) {
    return {};
  }
  switch (config.getOptionalString('gateway.kind')) {
    case 'cloudflare':
      return { 'cf-aig-authorization': `Bearer ${token}` };
    case 'litellm':
      return { authorization: `Bearer ${token}` };
    default:
      throw new InputError(`${key}.gateway.kind is missing`);
  }
}

function headersOf(config: Config, key: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const item of config.getOptionalConfigArray('headers') ?? []) {
    const name = item.getString('name').toLowerCase();
    const value = item.getString('value');
    if (!/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name) || RESERVED.has(name)) {
      throw new InputError(`${key}.headers has "${name}", which cannot be set`);
    }
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) {
      throw new InputError(
        `${key}.headers: the value of "${name}" has characters that no header may have`,
      );
    }
    headers[name] = value;
  }
  return headers;
}

function readBaseUrl(value: string | undefined, key: string): URL {
  if (value === undefined) {
    throw new InputError(
      `${key} is missing; such as http://vllm.internal:8000/v1`,
    );
  }
  let url: URL;
  try {
    url = new URL(value.replace(/\/+$/, ''));
  } catch {
    throw new InputError(`${key} is "${value}", which is no URL`);
  }
  if (!/^https?:$/.test(url.protocol) || url.username || url.search) {
    throw new InputError(
      `${key} is "${url.origin}${url.pathname}"; expected an http(s) URL without user, password and query`,
    );
  }
  return url;
}

function oneOf<T extends string>(
  value: string,
  allowed: readonly T[],
  key: string,
): T {
  const found = allowed.find(item => item === value);
  if (found === undefined) {
    throw new InputError(
      `${key} is "${value}"; expected one of ${allowed.join(', ')}`,
    );
  }
  return found;
}

function optionalOneOf<T extends string>(
  value: string | undefined,
  allowed: readonly T[],
  key: string,
): T | undefined {
  return value === undefined ? undefined : oneOf(value, allowed, key);
}

function duration(config: Config, key: string, defaultMs: number): number {
  const value: HumanDuration | undefined = config.has(key)
    ? readDurationFromConfig(config, { key })
    : undefined;
  return value ? durationToMilliseconds(value) : defaultMs;
}

function count(
  config: Config,
  name: string,
  defaultCount: number,
  key: string,
): number {
  const value = config.getOptionalNumber(name) ?? defaultCount;
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new InputError(`${key}.${name} is ${value}; expected a whole number`);
  }
  return value;
}

function positive(config: Config, name: string, key: string): number {
  const value = config.getOptionalNumber(name) ?? 1;
  if (!(value > 0)) {
    throw new InputError(`${key}.${name} is ${value}; expected more than 0`);
  }
  return value;
}
