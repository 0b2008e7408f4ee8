import { Config, readDurationFromConfig } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { durationToMilliseconds, HumanDuration } from '@backstage/types';
import {
  type EncryptionKey,
  readEncryptionKeys,
} from '@prompt-corner/encryption';
import type { RegisteredClient } from '@prompt-corner/plugin-agent-auth-common';

/** A client in the configuration, with its secret. */
export interface ConfiguredClient extends RegisteredClient {
  secret?: string;
}

/** Where the encryption keys are configured. */
export const ENCRYPTION_KEYS = 'agentAuth.encryption.keys';

/** The `agentAuth` section of the configuration, with defaults. */
export interface AgentAuthConfig {
  encryptionKeys: EncryptionKey[];
  keyRotationMs: number;
  signingKeysFile?: string;
  accessTokenSeconds: number;
  lifetimesSeconds: number[];
  defaultLifetimeSeconds: number;
  clients: ConfiguredClient[];
  clientDocuments: {
    enabled: boolean;
    allowedClientIds?: string[];
    trustedHosts: string[];
  };
  dynamicRegistration: boolean;
  identityProvider?: IdentityProviderConfig;
  serveAuthorizationServerMetadata?: boolean;
  organisationIntervalMs: number;
  revokedAfterAbsenceMs: number;
}

/** Whose ID tokens tell how a user signed in. */
export interface IdentityProviderConfig {
  /** Id of the auth provider in Backstage, as in `/api/auth/<id>`. */
  authProvider: string;
  issuer: string;
  audience: string;
  jwksUri?: string;
}

const HOUR_SECONDS = 60 * 60;
const DAY_SECONDS = 24 * HOUR_SECONDS;

const LIFETIMES: HumanDuration[] = [
  { hours: 8 },
  { days: 1 },
  { days: 7 },
  { days: 30 },
  { days: 90 },
];

/**
 * Reads the configuration; see `config.d.ts` for what each key means.
 *
 * @throws InputError when a value cannot be used
 */
export function readAgentAuthConfig(root: Config): AgentAuthConfig {
  const config = root.getOptionalConfig('agentAuth');
  const seconds = (key: string, fallback: number) =>
    config?.has(key)
      ? durationToMilliseconds(readDurationFromConfig(config, { key })) / 1000
      : fallback;

  const lifetimesSeconds = (
    config?.getOptional<HumanDuration[]>('tokens.lifetimes') ?? LIFETIMES
  )
    .map(lifetime => durationToMilliseconds(lifetime) / 1000)
    .sort((a, b) => a - b);
  if (
    !lifetimesSeconds.length ||
    lifetimesSeconds.some(value => !(value > 0))
  ) {
    throw new InputError(
      'agentAuth.tokens.lifetimes has to hold durations such as { days: 7 }',
    );
  }
  const longest = lifetimesSeconds.at(-1)!;
  return {
    encryptionKeys: readEncryptionKeys(root, ENCRYPTION_KEYS),
    keyRotationMs: seconds('keyRotation', 30 * DAY_SECONDS) * 1000,
    signingKeysFile: config?.getOptionalString('signingKeysFile'),
    accessTokenSeconds: seconds('tokens.accessTokenLifetime', HOUR_SECONDS),
    lifetimesSeconds,
    defaultLifetimeSeconds: Math.min(
      seconds('tokens.defaultLifetime', 30 * DAY_SECONDS),
      longest,
    ),
    clients: (config?.getOptionalConfigArray('clients') ?? []).map(readClient),
    clientDocuments: {
      enabled: config?.getOptionalBoolean('clientDocuments.enabled') ?? true,
      allowedClientIds: config?.getOptionalStringArray(
        'clientDocuments.allowedClientIds',
      ),
      trustedHosts:
        config?.getOptionalStringArray('clientDocuments.trustedHosts') ?? [],
    },
    dynamicRegistration:
      config?.getOptionalBoolean('dynamicRegistration.enabled') ?? false,
    organisationIntervalMs: seconds('organisationInterval', 60) * 1000,
    revokedAfterAbsenceMs: seconds('revokedAfterAbsence', 60 * 60) * 1000,
    identityProvider: config?.has('identityProvider')
      ? {
          authProvider: config.getString('identityProvider.authProvider'),
          issuer: config.getString('identityProvider.issuer'),
          audience: config.getString('identityProvider.audience'),
          jwksUri: config.getOptionalString('identityProvider.jwksUri'),
        }
      : undefined,
    serveAuthorizationServerMetadata: config?.getOptionalBoolean(
      'serveAuthorizationServerMetadata',
    ),
  };
}

function readClient(config: Config): ConfiguredClient {
  const secret = config.getOptionalString('secret');
  return {
    id: config.getString('id'),
    name: config.getString('name'),
    redirectUris: config.getOptionalStringArray('redirectUris') ?? [],
    deviceFlow: config.getOptionalBoolean('deviceFlow') ?? false,
    uri: config.getOptionalString('uri'),
    confidential: secret !== undefined,
    secret: secret === undefined ? undefined : longEnough(secret),
    entityRef: config.getOptionalString('entityRef'),
    serviceResources: config
      .getOptionalConfigArray('serviceResources')
      ?.map(resource => ({
        audience: resource.getString('resource'),
        scopes: resource.getStringArray('scopes'),
      })),
    fromConfig: true,
  };
}

function longEnough(secret: string): string {
  if (secret.length < 32) {
    throw new InputError(
      'Secrets in agentAuth need at least 32 characters. A good one is the output of: openssl rand -base64 32',
    );
  }
  return secret;
}
