import { writeFileSync } from 'node:fs';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { toolReference } from './toolReference';

// Run by `yarn docs:tools`.
writeFileSync(
  resolvePackagePath(
    '@prompt-corner/plugin-catalog-mcp-backend',
    '../../docs/tools.md',
  ),
  toolReference(),
);
