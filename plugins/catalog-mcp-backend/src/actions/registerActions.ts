import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { CatalogCallers } from '../catalog/CatalogCallers';
import type { CatalogTool } from '../tools';

/** Offers the tools as Backstage actions, to other MCP servers and to the scaffolder. */
export function registerActions(options: {
  tools: CatalogTool[];
  registry: ActionsRegistryService;
  callers: CatalogCallers;
}): void {
  const { tools, registry, callers } = options;
  for (const tool of tools) {
    registry.register({
      name: tool.name,
      title: tool.title,
      description: tool.description,
      schema: { input: () => tool.input, output: () => tool.output },
      examples: tool.examples,
      attributes: { readOnly: true, destructive: false, idempotent: true },
      action: async ({ input, credentials }) => ({
        output: await tool.run(input, await callers.of(credentials)),
      }),
    });
  }
}
