import { createPermission } from '@backstage/plugin-permission-common';

/** Lets a user read the policies for models, and try decisions for anybody. @public */
export const aiProxyPolicyReadPermission = createPermission({
  name: 'ai-proxy.policy.read',
  attributes: { action: 'read' },
});

/** The permissions of policies. @public */
export const aiProxyPolicyPermissions = [aiProxyPolicyReadPermission];
