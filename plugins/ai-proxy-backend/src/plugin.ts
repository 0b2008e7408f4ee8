import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';

/**
 * Every model request of the organisation through one place.
 *
 * @public
 */
export const aiProxyPlugin = createBackendPlugin({
  pluginId: 'ai-proxy',
  register(env) {
    env.registerInit({
      deps: { logger: coreServices.logger },
      async init() {},
    });
  },
});
