import type { BackendFeature } from '@backstage/backend-plugin-api';
import { startPortal, TestPortal, TestRemote } from './startPortal';

/**
 * Starts a backend with a portal for each server, of the same name, in which
 * everything is permitted, changed nowhere, and named as the server names it.
 *
 * @param options.config - further keys of `mcpPortal`
 */
export function startOriginalPortal(
  servers: Record<string, TestRemote>,
  options: {
    features?: BackendFeature[];
    config?: Record<string, unknown>;
  } = {},
): Promise<TestPortal> {
  const portals = Object.fromEntries(
    Object.keys(servers).map(name => [
      name,
      {
        naming: 'original',
        servers: [name],
        classes: ['read', 'write', 'destructive'],
        rateLimit: { requests: 100_000 },
      },
    ]),
  );
  return startPortal({
    ...options,
    servers,
    config: {
      ...options.config,
      portals: { default: {}, ...portals },
      policy: { policies: '@id("all") permit (principal, action, resource);' },
      guardrails: { actions: [{ action: 'flag' }] },
    },
  });
}
