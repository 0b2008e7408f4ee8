import { mcpNameOf, toMcpTool } from '../endpoint/toolSchemas';
import { CatalogToolsOptions, createCatalogTools } from '../tools';

interface JsonSchema {
  type?: string | string[];
  description?: string;
  default?: unknown;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  required?: string[];
}

/** The reference of all tools as markdown, from their schemas. */
export function toolReference(): string {
  // Descriptions and schemas need nothing of what the tools answer with.
  const tools = createCatalogTools({
    dataStoreTypes: [] as string[],
  } as CatalogToolsOptions);
  const sections = tools.map(tool => {
    const { title, description, inputSchema, outputSchema } = toMcpTool(tool);
    const examples = tool.examples.map(
      example =>
        `${example.title}\n\n\`\`\`json\n${JSON.stringify(
          { name: mcpNameOf(tool), arguments: example.input },
          undefined,
          2,
        )}\n\`\`\`\n`,
    );
    return [
      `## ${mcpNameOf(tool)}`,
      `${title}. ${description}`,
      `As a Backstage action: \`catalog-mcp:${tool.name}\`.`,
      '### Arguments',
      table(inputSchema as JsonSchema),
      '### Answer',
      table(outputSchema as JsonSchema),
      '### Examples',
      ...examples.map(example => example.trimEnd()),
    ].join('\n\n');
  });
  return `${[
    '# Catalog tools',
    '<!-- Generated from the schemas by `yarn docs:tools`. Do not edit. -->',
    'All tools read only. Every answer holds only what the caller may read. Wherever a tool takes a ref, a name or a part of one does as well: a clear match is taken and named in `note`, several are listed, and a miss names the closest. Whatever was left out is said in `more`.',
    ...sections,
  ].join('\n\n')}\n`;
}

function table(schema: JsonSchema): string {
  const rows = Object.entries(schema.properties ?? {}).map(
    ([name, property]) =>
      `| \`${name}\` | ${typeOf(property)} | ${
        schema.required?.includes(name) ? 'yes' : ''
      } | ${cell(detailsOf(property))} |`,
  );
  return [
    '| name | type | always | what |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

function typeOf(schema: JsonSchema): string {
  if (schema.enum) {
    return schema.enum.map(value => `\`${value}\``).join(' or ');
  }
  if (schema.type === 'array') {
    return `list of ${schema.items?.type ?? 'values'}s`;
  }
  if (
    schema.type === 'object' &&
    typeof schema.additionalProperties === 'object'
  ) {
    return `map to ${typeOf(schema.additionalProperties)}`;
  }
  return String(schema.type ?? 'any');
}

function detailsOf(schema: JsonSchema): string {
  const fields = Object.keys(
    schema.items?.properties ?? schema.properties ?? {},
  );
  return [
    schema.description,
    fields.length > 0 &&
      `Fields: ${fields.map(field => `\`${field}\``).join(', ')}`,
    schema.default !== undefined && `Default: \`${schema.default}\``,
    schema.maximum !== undefined &&
      `From ${schema.minimum ?? 0} to ${schema.maximum}`,
  ]
    .filter(Boolean)
    .join('. ');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
