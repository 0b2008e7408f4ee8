import { createPermission } from '@backstage/plugin-permission-common';
import {
  aiProxyBudgetsManagePermission,
  aiProxyBudgetsReadPermission,
  aiProxyStatusReadPermission,
} from './budgets';
import { aiProxyPolicyPermissions } from './policy';

/** Lets a user, or a service whose access names it, read the usage of the whole organisation, by UUID. Everybody may read their own, and their teams' without names. @public */
export const aiProxyUsageReadPermission = createPermission({
  name: 'ai-proxy.usage.read',
  attributes: { action: 'read' },
});

/** All permissions of the plugin. @public */
export const aiProxyPermissions = [
  aiProxyUsageReadPermission,
  aiProxyBudgetsReadPermission,
  aiProxyBudgetsManagePermission,
  aiProxyStatusReadPermission,
  ...aiProxyPolicyPermissions,
];
