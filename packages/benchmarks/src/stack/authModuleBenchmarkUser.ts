import { createBackendModule } from '@backstage/backend-plugin-api';
import {
  authProvidersExtensionPoint,
  createProxyAuthenticator,
  createProxyAuthProviderFactory,
} from '@backstage/plugin-auth-node';

/**
 * A sign-in without questions, as a given user of the catalog, so that
 * requests are authorised as a person's are: with a user token, and with a
 * permission decision for each.
 *
 * @param entityRef - the user; must be in the catalog by the time of the sign-in
 */
export function authModuleBenchmarkUser(entityRef: string) {
  return createBackendModule({
    pluginId: 'auth',
    moduleId: 'benchmark-user',
    register(env) {
      env.registerInit({
        deps: { providers: authProvidersExtensionPoint },
        async init({ providers }) {
          providers.registerProvider({
            providerId: 'benchmark',
            factory: createProxyAuthProviderFactory({
              authenticator: createProxyAuthenticator({
                defaultProfileTransform: async () => ({ profile: {} }),
                initialize: () => undefined,
                authenticate: async () => ({ result: {} }),
              }),
              signInResolver: async (_info, context) =>
                context.signInWithCatalogUser({ entityRef }),
            }),
          });
        },
      });
    },
  });
}
