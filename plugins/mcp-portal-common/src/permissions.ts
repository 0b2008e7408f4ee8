import { createPermission } from '@backstage/plugin-permission-common';

/** Lets a user see the registry: servers that the user may read in the catalog. @public */
export const mcpPortalServersReadPermission = createPermission({
  name: 'mcp-portal.servers.read',
  attributes: { action: 'read' },
});

/** Lets a user propose a server of the catalog. @public */
export const mcpPortalServersProposePermission = createPermission({
  name: 'mcp-portal.servers.propose',
  attributes: { action: 'create' },
});

/** Lets a user ask for access to a server. @public */
export const mcpPortalAccessRequestPermission = createPermission({
  name: 'mcp-portal.access.request',
  attributes: { action: 'create' },
});

/** Lets a user approve, suspend and retire servers and approve their definitions; never what the user proposed or owns. @public */
export const mcpPortalServersApprovePermission = createPermission({
  name: 'mcp-portal.admin.servers.approve',
  attributes: { action: 'update' },
});

/** Lets a user set how the portal signs in at servers. Secrets can be replaced, never read. @public */
export const mcpPortalCredentialsManagePermission = createPermission({
  name: 'mcp-portal.admin.credentials.manage',
  attributes: { action: 'update' },
});

/** Lets a user decide calls that wait, and requests for access; never the user's own. @public */
export const mcpPortalCallsApprovePermission = createPermission({
  name: 'mcp-portal.admin.calls.approve',
  attributes: { action: 'update' },
});

/** Lets a user read the policies, and try decisions for anybody. @public */
export const mcpPortalPolicyReadPermission = createPermission({
  name: 'mcp-portal.admin.policy.read',
  attributes: { action: 'read' },
});

/** Lets a user, or a service whose access names it, read, verify and export the audit trail of everybody, by UUID. @public */
export const mcpPortalAuditReadPermission = createPermission({
  name: 'mcp-portal.admin.audit.read',
  attributes: { action: 'read' },
});

/** All permissions of the plugin. @public */
export const mcpPortalPermissions = [
  mcpPortalServersReadPermission,
  mcpPortalServersProposePermission,
  mcpPortalAccessRequestPermission,
  mcpPortalServersApprovePermission,
  mcpPortalCredentialsManagePermission,
  mcpPortalCallsApprovePermission,
  mcpPortalPolicyReadPermission,
  mcpPortalAuditReadPermission,
];
