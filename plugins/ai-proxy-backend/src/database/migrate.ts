import { resolvePackagePath } from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';

/** Where the migrations of the plugin are. */
export const MIGRATIONS = {
  directory: resolvePackagePath(
    '@prompt-corner/plugin-ai-proxy-backend',
    'migrations',
  ),
};

/** Brings the tables of the plugin up to date. */
export async function migrate(database: Knex): Promise<void> {
  await database.migrate.latest(MIGRATIONS);
}
