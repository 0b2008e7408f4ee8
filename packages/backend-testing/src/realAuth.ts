import { authServiceFactory } from '@backstage/backend-defaults/auth';
import { httpAuthServiceFactory } from '@backstage/backend-defaults/httpAuth';
import { createBackendModule } from '@backstage/backend-plugin-api';
import authPlugin from '@backstage/plugin-auth-backend';
import {
  authProvidersExtensionPoint,
  createProxyAuthenticator,
  createProxyAuthProviderFactory,
} from '@backstage/plugin-auth-node';

const USER_HEADER = 'x-test-user';

/** Signs in whoever a header names, as a proxy in front of the portal would. */
export const authModuleTestProvider = createBackendModule({
  pluginId: 'auth',
  moduleId: 'test-provider',
  register(env) {
    env.registerInit({
      deps: { providers: authProvidersExtensionPoint },
      async init({ providers }) {
        providers.registerProvider({
          providerId: 'test',
          factory: createProxyAuthProviderFactory({
            authenticator: createProxyAuthenticator({
              defaultProfileTransform: async () => ({ profile: {} }),
              initialize: () => undefined,
              async authenticate({ req }) {
                return { result: { user: req.header(USER_HEADER)! } };
              },
            }),
            async signInResolver({ result }, context) {
              return context.signInWithCatalogUser({
                entityRef: result.user,
              });
            },
          }),
        });
      },
    });
  },
});

/** Features that replace the tests' mock authentication by Backstage's own. */
export const realAuth = [
  authServiceFactory,
  httpAuthServiceFactory,
  authPlugin,
  authModuleTestProvider,
];

/** Configuration that {@link realAuth} needs, and agent-auth to act for users. */
export const realAuthConfig = {
  auth: {
    providers: { test: {} },
    clientIdMetadataDocuments: {
      enabled: true,
      allowedClientIdPatterns: ['http://localhost:*/*'],
      allowedRedirectUriPatterns: ['http://localhost:*/*'],
    },
    experimentalRefreshToken: { enabled: true },
  },
  agentAuth: {
    encryption: {
      keys: [{ id: '1', secret: 'secret of the tests, 32 characters' }],
    },
  },
};

/** Signs a user of the catalog in, and returns the `authorization` header to send. */
export async function signIn(url: string, user: string): Promise<string> {
  const response = await fetch(`${url}/api/auth/test/refresh`, {
    headers: { [USER_HEADER]: user, 'x-requested-with': 'XMLHttpRequest' },
  });
  const body = await response.json();
  if (!response.ok) {
    throw new Error(`Could not sign in as ${user}: ${JSON.stringify(body)}`);
  }
  return `Bearer ${body.backstageIdentity.token}`;
}
