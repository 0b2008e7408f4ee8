import { createPermission } from '@backstage/plugin-permission-common';

/** Lets a user see all budgets and what was spent of them, by UUID. Everybody sees their own. @public */
export const aiProxyBudgetsReadPermission = createPermission({
  name: 'ai-proxy.admin.budgets.read',
  attributes: { action: 'read' },
});

/** Lets a user make, change and delete budgets. @public */
export const aiProxyBudgetsManagePermission = createPermission({
  name: 'ai-proxy.admin.budgets.manage',
  attributes: { action: 'update' },
});

/** Lets a user see how providers, catalogue and the configuration of coding tools are doing. @public */
export const aiProxyStatusReadPermission = createPermission({
  name: 'ai-proxy.admin.status.read',
  attributes: { action: 'read' },
});
