import { Config, readDurationFromConfig } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { durationToMilliseconds } from '@backstage/types';
import { CacheScope, ResponseCache } from './ResponseCache';

const KEY = 'aiProxy.cache';

const SCOPES: CacheScope[] = ['user', 'team', 'everybody'];

/**
 * Reads the section `aiProxy.cache`.
 *
 * @returns undefined without it: nothing is kept then
 * @throws InputError naming the key, when a value cannot be used
 */
export function readCache(config: Config): ResponseCache | undefined {
  const section = config.getOptionalConfig(KEY);
  if (!section) {
    return undefined;
  }
  const scope = section.getOptionalString('scope') ?? 'user';
  const known = SCOPES.find(candidate => candidate === scope);
  if (!known) {
    throw new InputError(
      `${KEY}.scope is "${scope}"; expected one of ${SCOPES.join(', ')}`,
    );
  }
  return new ResponseCache({
    scope: known,
    ttlMs: section.has('ttl')
      ? durationToMilliseconds(readDurationFromConfig(section, { key: 'ttl' }))
      : 3_600_000,
    models: section.getOptionalStringArray('models') ?? ['*'],
    maxBytes: bytes(section, 'maxBytes', 67_108_864),
    maxAnswerBytes: bytes(section, 'maxAnswerBytes', 1_048_576),
  });
}

function bytes(section: Config, name: string, defaultBytes: number): number {
  const value = section.getOptionalNumber(name) ?? defaultBytes;
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new InputError(
      `${KEY}.${name} is ${value}; expected a number of bytes`,
    );
  }
  return value;
}
