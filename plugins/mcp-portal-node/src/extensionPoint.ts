import { createExtensionPoint } from '@backstage/backend-plugin-api';
import type { CallGuard } from './CallGuard';

/** Lets modules inspect what passes portals. @public */
export interface McpPortalGuardsExtensionPoint {
  /** Guards run in the order in which they are added. */
  addGuard(guard: CallGuard): void;
}

/** Lets modules inspect what passes portals. @public */
export const mcpPortalGuardsExtensionPoint =
  createExtensionPoint<McpPortalGuardsExtensionPoint>({
    id: 'mcp-portal.guards',
  });
