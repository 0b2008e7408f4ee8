import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { catalogCompletenessServiceRef } from '../readiness';
import { callerTokenAdmission, sharedKeyAdmission } from './admission';
import { createServerRouter } from './createServerRouter';
import { createReleasesServer, Releases } from './releases';
import { createTrackerServer, Issues } from './tracker';

const MOUNT_PATH = '/demo-mcp';

/** The header that the portal sends to the release manager. */
const RELEASES_HEADERS = 'mcpPortal.servers.releases.credentials.headers';

/** Tasks of the portal, in the order in which they find servers and ask them for their tools. */
const FIRST_TASKS = ['read-mcp-servers', 'synchronise-mcp-servers'];

/**
 * MCP servers of the demo organisation on the backend's own port, which let in only the MCP
 * portal. The portal reads them as soon as the catalog is complete, instead of after the first
 * runs of its schedules.
 */
export const mcpServersModule = createBackendModule({
  pluginId: 'mcp-portal',
  moduleId: 'demo-mcp-servers',
  register(reg) {
    reg.registerInit({
      deps: {
        catalogCompleteness: catalogCompletenessServiceRef,
        config: coreServices.rootConfig,
        discovery: coreServices.discovery,
        httpRouter: coreServices.rootHttpRouter,
        lifecycle: coreServices.rootLifecycle,
        logger: coreServices.logger,
        scheduler: coreServices.scheduler,
      },
      async init(deps) {
        const { config, httpRouter, lifecycle, logger, scheduler } = deps;
        const baseUrl = config.getString('backend.baseUrl');
        const [releasesHeader] = config.getConfigArray(RELEASES_HEADERS);
        const issues = new Issues();
        const releases = new Releases();

        httpRouter.use(
          `${MOUNT_PATH}/tracker`,
          createServerRouter({
            admit: callerTokenAdmission({
              issuer: await deps.discovery.getExternalBaseUrl('mcp-portal'),
              audience: `${baseUrl}${MOUNT_PATH}/tracker`,
            }),
            createServer: caller => createTrackerServer(issues, caller!),
            logger,
          }),
        );
        httpRouter.use(
          `${MOUNT_PATH}/releases`,
          createServerRouter({
            admit: sharedKeyAdmission({
              header: releasesHeader.getString('name').toLowerCase(),
              key: releasesHeader.getString('value'),
            }),
            createServer: () => createReleasesServer(releases),
            logger,
          }),
        );

        const readServers = async () => {
          await deps.catalogCompleteness.whenComplete();
          for (const task of FIRST_TASKS) {
            await scheduler.triggerTask(task);
          }
        };
        lifecycle.addStartupHook(() => {
          readServers().catch(error =>
            logger.warn('Could not read the MCP servers at once', error),
          );
        });
      },
    });
  },
});
