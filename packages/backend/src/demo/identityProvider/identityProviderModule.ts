import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { createProvider } from './createProvider';
import { createRouter } from './createRouter';
import { readPersonas } from './personas';

const MOUNT_PATH = '/demo-idp';

/**
 * An OpenID Connect provider on the backend's own port, with personas instead of passwords.
 * The portal signs in through it exactly as it would through a company's provider.
 *
 * It is a module of the auth plugin because it must be mounted before that plugin discovers it.
 */
export const identityProviderModule = createBackendModule({
  pluginId: 'auth',
  moduleId: 'demo-identity-provider',
  register(reg) {
    reg.registerInit({
      deps: {
        config: coreServices.rootConfig,
        discovery: coreServices.discovery,
        httpRouter: coreServices.rootHttpRouter,
      },
      async init({ config, discovery, httpRouter }) {
        const baseUrl = config.getString('backend.baseUrl');
        const client = config.getConfig('auth.providers.oidc.development');
        const personas = readPersonas(config);
        const authUrl = await discovery.getExternalBaseUrl('auth');

        const provider = await createProvider({
          issuer: `${baseUrl}${MOUNT_PATH}`,
          clientId: client.getString('clientId'),
          clientSecret: client.getString('clientSecret'),
          redirectUri: `${authUrl}/oidc/handler/frame`,
          personas,
        });
        httpRouter.use(
          MOUNT_PATH,
          createRouter({
            provider,
            personas,
            title: config.getOptionalString('app.title') ?? 'Backstage',
          }),
        );
      },
    });
  },
});
