import { readFileSync } from 'node:fs';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import type { PolicySource } from './problems';

const PACKAGE = '@prompt-corner/plugin-mcp-portal-backend';

function read(name: string): string {
  return readFileSync(resolvePackagePath(PACKAGE, 'policies', name), 'utf8');
}

/** Name of the policies that come with the portal. */
export const DEFAULT_POLICIES = 'default.cedar';

/** The schema against which policies are validated. */
export function readSchema(): string {
  return read('schema.cedarschema');
}

/** The policies that come with the portal. */
export function readDefaultPolicies(): PolicySource {
  return { name: DEFAULT_POLICIES, text: read(DEFAULT_POLICIES) };
}
