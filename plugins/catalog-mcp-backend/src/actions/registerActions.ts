import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import { mcpNameOf } from '../endpoint/toolSchemas';
import type { CatalogCallers } from '../catalog/CatalogCallers';
import {
  outcomeOf,
  subjectOf,
  ToolTelemetry,
} from '../telemetry/ToolTelemetry';
import type { CatalogTool } from '../tools';

/** Offers the tools as Backstage actions, to other MCP servers and to the scaffolder. */
export function registerActions(options: {
  tools: CatalogTool[];
  registry: ActionsRegistryService;
  callers: CatalogCallers;
  telemetry: ToolTelemetry;
}): void {
  const { tools, registry, callers, telemetry } = options;
  for (const tool of tools) {
    registry.register({
      name: tool.name,
      title: tool.title,
      description: tool.description,
      schema: { input: () => tool.input, output: () => tool.output },
      examples: tool.examples,
      attributes: { readOnly: true, destructive: false, idempotent: true },
      action: async ({ input, credentials }) => {
        const { error, value } = await telemetry.observe(
          { tool: mcpNameOf(tool), subject: subjectOf(input), credentials },
          async () => outcomeOf(tool.run(input, await callers.of(credentials))),
        );
        if (!value) {
          throw error;
        }
        return { output: value };
      },
    });
  }
}
