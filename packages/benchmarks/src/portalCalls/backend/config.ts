import type { JsonObject } from '@backstage/types';
import { LARGE, PORTALS, USUAL } from '../sizes';
import { OPERATOR_POLICIES } from './policies';

/** Far above what one machine can ask for: the limit is checked, and never reached. */
const REQUESTS_A_MINUTE = 1_000_000_000;

/**
 * The section `mcpPortal`: defaults wherever there are some.
 *
 * The large portal only lists, and its write tools are read tools to policy, so
 * that the 20 operator policies stay 20.
 */
export function portalConfig(): JsonObject {
  return {
    encryption: {
      keys: [
        { id: 'benchmark', secret: 'not-a-secret-but-long-enough-for-one' },
      ],
    },
    // The catalog may be empty when it is first asked, and a minute is long to wait.
    registry: { catalogInterval: { seconds: 5 } },
    policy: { policies: OPERATOR_POLICIES.join('\n\n') },
    portals: Object.fromEntries(
      PORTALS.map(({ portal, servers }) => [
        portal,
        { servers, rateLimit: { requests: REQUESTS_A_MINUTE } },
      ]),
    ),
    servers: {
      ...configured(USUAL.servers, 'suggested'),
      ...configured(LARGE.servers, 'read'),
    },
  };
}

function configured(names: string[], defaultClass: string): JsonObject {
  return Object.fromEntries(
    names.map(name => [
      name,
      { entityRef: `api:default/${name}`, approved: true, defaultClass },
    ]),
  );
}
