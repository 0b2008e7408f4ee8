import { Config, readDurationFromConfig } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { durationToMilliseconds } from '@backstage/types';
import {
  type EncryptionKey,
  readEncryptionKeys,
} from '@prompt-corner/encryption';
import { parseSettings, type ServerCredentialSettings } from './settings';

/** Where the encryption keys are configured. */
export const ENCRYPTION_KEYS = 'mcpPortal.encryption.keys';

/** What the `mcpPortal` section says about credentials, with defaults. */
export interface CredentialsConfig {
  encryptionKeys: EncryptionKey[];
  keyRotationMs: number;
  /** By name of the server. */
  servers: Map<string, ServerCredentialSettings>;
  /** Exact hosts that may have internal addresses. */
  trustedHosts: string[];
  /** Entity refs of who is told when a shared secret ends. */
  administrators: string[];
  /** How long before. */
  noticeMs: number;
}

const DAY_MS = 24 * 60 * 60_000;

/**
 * Reads the configuration; see `config.d.ts` for what each key means.
 *
 * @param root - the root of the configuration
 * @throws InputError when a value cannot be used
 */
export function readCredentialsConfig(root: Config): CredentialsConfig {
  const config = root.getOptionalConfig('mcpPortal');
  const milliseconds = (key: string, fallback: number) =>
    config?.has(key)
      ? durationToMilliseconds(readDurationFromConfig(config, { key }))
      : fallback;
  const keyRotationMs = milliseconds('keyRotation', 30 * DAY_MS);
  if (keyRotationMs < DAY_MS) {
    throw new InputError(
      'mcpPortal.keyRotation has to be a day at least: so long a key is announced before it signs',
    );
  }
  const servers = new Map<string, ServerCredentialSettings>();
  for (const name of config?.getOptionalConfig('servers')?.keys() ?? []) {
    const key = `servers.${name}.credentials`;
    if (config!.has(key)) {
      servers.set(name, parseSettings(config!.get(key), `mcpPortal.${key}`));
    }
  }
  return {
    encryptionKeys: readEncryptionKeys(root, ENCRYPTION_KEYS),
    keyRotationMs,
    servers,
    trustedHosts: config?.getOptionalStringArray('outbound.trustedHosts') ?? [],
    administrators:
      config?.getOptionalStringArray('credentials.administrators') ?? [],
    noticeMs: milliseconds('credentials.notice', 7 * DAY_MS),
  };
}
