import { randomBytes } from 'node:crypto';
import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import type { Knex } from 'knex';
import type { KeyRow } from './RotatingKeys';
import type { EncryptionKey } from './SecretBox';

const MIN_SECRET_LENGTH = 32;

/**
 * Reads encryption keys from the configuration: a list of `id` and `secret`.
 *
 * @param configKey - full key of the list, such as `agentAuth.encryption.keys`
 * @returns an empty list when it is not set
 * @throws InputError when a secret is too short or an id is there twice
 */
export function readEncryptionKeys(
  config: Config,
  configKey: string,
): EncryptionKey[] {
  const keys = (config.getOptionalConfigArray(configKey) ?? []).map(key => ({
    id: key.getString('id'),
    secret: key.getString('secret'),
  }));
  if (keys.some(({ secret }) => secret.length < MIN_SECRET_LENGTH)) {
    throw new InputError(
      `Secrets in ${configKey} need at least ${MIN_SECRET_LENGTH} characters. A good one is the output of: openssl rand -base64 32`,
    );
  }
  if (new Set(keys.map(({ id }) => id)).size < keys.length) {
    throw new InputError(`Ids in ${configKey} have to differ`);
  }
  return keys;
}

/**
 * The configured encryption keys, or, when there are none, one that is kept in
 * the database. That one protects nothing against who reads the database, so
 * it is only taken outside production.
 *
 * @param options.configKey - where the keys are configured, for messages
 * @param options.table - of {@link RotatingKeys}; the key is put there
 * @throws Error when none is configured in production
 */
export async function provideEncryptionKeys(options: {
  configured: EncryptionKey[];
  configKey: string;
  production: boolean;
  database: Knex;
  table: string;
  logger: LoggerService;
}): Promise<EncryptionKey[]> {
  const { configured, configKey, production, database, table } = options;
  if (configured.length) {
    return configured;
  }
  if (production) {
    throw new Error(
      `Set ${configKey}: tokens and keys are encrypted with it. A good secret is the output of: openssl rand -base64 32`,
    );
  }
  options.logger.warn(
    `${configKey} is not set; secrets are encrypted with a key that stands in the same database. Never run like this in production`,
  );
  await database<KeyRow>(table)
    .insert({
      id: 'development',
      purpose: 'encryption',
      secret: randomBytes(32).toString('base64url'),
      created_at: new Date(),
    })
    .onConflict('id')
    .ignore();
  const row = await database<KeyRow>(table)
    .where({ id: 'development' })
    .first();
  return [{ id: row!.id, secret: row!.secret }];
}
