import { resolvePackagePath } from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';

/** Makes the tables of the plugin. */
export async function migrate(database: Knex): Promise<void> {
  await database.migrate.latest({
    directory: resolvePackagePath(
      '@prompt-corner/plugin-ai-proxy-backend',
      'migrations',
    ),
  });
}
