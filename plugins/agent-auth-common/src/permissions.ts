import { createPermission } from '@backstage/plugin-permission-common';

/** Lets a user list the connections of the whole organisation. By UUID: see {@link agentAuthPrincipalsResolvePermission}. @public */
export const agentAuthConnectionsReadPermission = createPermission({
  name: 'agent-auth.connections.read',
  attributes: { action: 'read' },
});

/** Lets a user revoke connections of others. @public */
export const agentAuthConnectionsRevokePermission = createPermission({
  name: 'agent-auth.connections.revoke',
  attributes: { action: 'delete' },
});

/** Lets a user find out who is behind a UUID. Each use is audited. @public */
export const agentAuthPrincipalsResolvePermission = createPermission({
  name: 'agent-auth.principals.resolve',
  attributes: { action: 'read' },
});

/** Lets a user register and remove clients. @public */
export const agentAuthClientsManagePermission = createPermission({
  name: 'agent-auth.clients.manage',
  attributes: { action: 'update' },
});

/** All permissions of the plugin. @public */
export const agentAuthPermissions = [
  agentAuthConnectionsReadPermission,
  agentAuthConnectionsRevokePermission,
  agentAuthPrincipalsResolvePermission,
  agentAuthClientsManagePermission,
];
