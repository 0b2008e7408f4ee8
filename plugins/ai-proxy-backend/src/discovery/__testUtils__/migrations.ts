import { resolvePackagePath } from '@backstage/backend-plugin-api';

/** Where the migrations of the plugin are. */
export const MIGRATIONS = {
  directory: resolvePackagePath(
    '@prompt-corner/plugin-ai-proxy-backend',
    'migrations',
  ),
};
