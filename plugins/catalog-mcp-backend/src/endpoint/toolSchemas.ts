import type { Tool } from '@modelcontextprotocol/server';
import { zodToJsonSchema } from 'zod-to-json-schema';
import type { AnyZodObject } from 'zod/v3';
import type { CatalogTool } from '../tools';

/** The name of a tool in MCP. Clients accept `^[a-zA-Z0-9_-]{1,64}$`, and snake_case is what they expect. */
export function mcpNameOf(tool: CatalogTool): string {
  return tool.name.replaceAll('-', '_');
}

/** A tool as `tools/list` shows it. */
export function toMcpTool(tool: CatalogTool): Tool {
  return {
    name: mcpNameOf(tool),
    title: tool.title,
    description: tool.description,
    inputSchema: {
      ...jsonSchemaOf(tool.input),
      examples: tool.examples.map(({ input }) => input),
    } as unknown as Tool['inputSchema'],
    outputSchema: jsonSchemaOf(tool.output) as Tool['outputSchema'],
    annotations: {
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: false,
    },
  };
}

/** A schema as JSON Schema, without what models do not need. */
export function jsonSchemaOf(schema: AnyZodObject): Record<string, unknown> {
  const { $schema, additionalProperties, ...jsonSchema } = zodToJsonSchema(
    schema,
    { $refStrategy: 'none', effectStrategy: 'input' },
  ) as Record<string, unknown>;
  return jsonSchema;
}
