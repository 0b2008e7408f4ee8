import { createBackendModule } from '@backstage/backend-plugin-api';
import {
  catalogConditions,
  createCatalogConditionalDecision,
} from '@backstage/plugin-catalog-backend/alpha';
import {
  AuthorizeResult,
  isPermission,
  PolicyDecision,
} from '@backstage/plugin-permission-common';
import { catalogEntityReadPermission } from '@backstage/plugin-catalog-common/alpha';
import {
  PolicyQuery,
  PolicyQueryUser,
} from '@backstage/plugin-permission-node';
import { policyExtensionPoint } from '@backstage/plugin-permission-node/alpha';

/** The refs that Joan must never be shown. */
export const HIDDEN = /:default\/payments-(api|db|team)\b/;

/** Joan may not see whatever is tagged pci-dss, nor payments-db and the payments team; Linus may see all. */
const policy = {
  async handle(
    request: PolicyQuery,
    user?: PolicyQueryUser,
  ): Promise<PolicyDecision> {
    if (
      isPermission(request.permission, catalogEntityReadPermission) &&
      user?.info.userEntityRef === 'user:default/joan'
    ) {
      return createCatalogConditionalDecision(request.permission, {
        not: {
          anyOf: [
            catalogConditions.hasMetadata({ key: 'tags', value: 'pci-dss' }),
            catalogConditions.hasMetadata({
              key: 'name',
              value: 'payments-db',
            }),
            catalogConditions.hasMetadata({
              key: 'name',
              value: 'payments-team',
            }),
          ],
        },
      });
    }
    return { result: AuthorizeResult.ALLOW };
  },
};

/** A module that sets the policy. */
export const restrictivePolicy = createBackendModule({
  pluginId: 'permission',
  moduleId: 'restrictive-policy',
  register(env) {
    env.registerInit({
      deps: { extension: policyExtensionPoint },
      async init({ extension }) {
        extension.setPolicy(policy);
      },
    });
  },
});
