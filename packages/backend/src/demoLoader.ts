import {
  coreServices,
  createBackendFeatureLoader,
} from '@backstage/backend-plugin-api';

/**
 * Adds the demo only where the configuration has a `demo` section. Its code, a sign-in without
 * passwords above all, is not even loaded elsewhere.
 */
export default createBackendFeatureLoader({
  deps: { config: coreServices.rootConfig },
  *loader({ config }) {
    if (config.has('demo')) {
      yield import('./demo');
    }
  },
});
