import {
  coreServices,
  createServiceFactory,
  createServiceRef,
  ServiceRef,
} from '@backstage/backend-plugin-api';
import { DpopVerifier } from '../dpop';
import { AgentAuthBackend } from '../internal/AgentAuthBackend';
import { NetworkReader } from '../network';
import { RevocationFeed, TIMINGS, Timings, TokenCache } from '../tokens';
import { UseReporter } from '../uses';
import type { AgentAuthService } from './AgentAuthService';
import { DefaultAgentAuthService } from './DefaultAgentAuthService';

/** Tells a backend plugin who is calling. Needs nothing installed but the agent-auth backend. @public */
export const agentAuthServiceRef = createServiceRef<AgentAuthService>({
  id: 'agent-auth',
  scope: 'plugin',
  defaultFactory: async service => createFactory(service, TIMINGS),
});

/** The service with other timings, for tests. */
export function agentAuthServiceFactory(timings: Timings) {
  return createFactory(agentAuthServiceRef, timings);
}

function createFactory(
  service: ServiceRef<AgentAuthService, 'plugin', 'singleton'>,
  timings: Timings,
) {
  return createServiceFactory({
    service,
    deps: {
      auth: coreServices.auth,
      config: coreServices.rootConfig,
      discovery: coreServices.discovery,
      lifecycle: coreServices.rootLifecycle,
      logger: coreServices.rootLogger,
    },
    // All plugins of a process share what is known of tokens, and one poll.
    createRootContext({ config, lifecycle, logger: rootLogger }) {
      const logger = rootLogger.child({ service: 'agent-auth' });
      const feed = new RevocationFeed({ timings, logger });
      const uses = new UseReporter({ timings, logger });
      // Earlier than the other hooks: when those run, agent-auth may have stopped to answer.
      lifecycle.addBeforeShutdownHook(() => uses.stop());
      lifecycle.addShutdownHook(() => feed.stop());
      return {
        feed,
        uses,
        tokens: new TokenCache({ feed, timings, logger }),
        dpop: new DpopVerifier(),
        networks: new NetworkReader(config),
      };
    },
    factory({ auth, discovery }, shared) {
      return new DefaultAgentAuthService({
        shared,
        auth,
        discovery,
        backend: new AgentAuthBackend({
          auth,
          discovery,
          timeoutMs: timings.timeoutMs,
        }),
      });
    },
  });
}
