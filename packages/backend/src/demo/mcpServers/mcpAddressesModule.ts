import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import type { Entity } from '@backstage/catalog-model';
import { catalogProcessingExtensionPoint } from '@backstage/plugin-catalog-node';
import { withAddress } from './withAddress';

/**
 * Puts the address of this backend into the entities of the MCP servers that it serves itself:
 * files cannot know the port.
 */
export const mcpAddressesModule = createBackendModule({
  pluginId: 'catalog',
  moduleId: 'demo-mcp-addresses',
  register(reg) {
    reg.registerInit({
      deps: {
        config: coreServices.rootConfig,
        processing: catalogProcessingExtensionPoint,
      },
      async init({ config, processing }) {
        const baseUrl = config.getString('backend.baseUrl');
        processing.addProcessor({
          getProcessorName: () => 'DemoMcpAddresses',
          preProcessEntity: async (entity: Entity) =>
            withAddress(entity, baseUrl),
        });
      },
    });
  },
});
