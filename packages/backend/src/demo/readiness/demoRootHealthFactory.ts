import {
  RootHealthService,
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { catalogCompletenessServiceRef } from './CatalogCompleteness';

/**
 * Answers as Backstage's own health service does (not ready before startup and during
 * shutdown), and is not ready either while the demo organisation is still being read.
 */
export const demoRootHealthFactory = createServiceFactory({
  service: coreServices.rootHealth,
  deps: {
    catalogCompleteness: catalogCompletenessServiceRef,
    lifecycle: coreServices.rootLifecycle,
  },
  factory({ catalogCompleteness, lifecycle }): RootHealthService {
    let state: 'starting' | 'up' | 'stopping' = 'starting';
    lifecycle.addStartupHook(() => {
      state = 'up';
    });
    lifecycle.addBeforeShutdownHook(() => {
      state = 'stopping';
    });

    const notReady = (message: string) => ({
      status: 503,
      payload: { message, status: 'error' },
    });
    return {
      async getLiveness() {
        return { status: 200, payload: { status: 'ok' } };
      },
      async getReadiness() {
        if (state === 'starting') {
          return notReady('Backend has not started yet');
        }
        if (state === 'stopping') {
          return notReady('Backend is shutting down');
        }
        if (!catalogCompleteness.isComplete()) {
          return notReady('The demo organisation is still being read');
        }
        return { status: 200, payload: { status: 'ok' } };
      },
    };
  },
});
