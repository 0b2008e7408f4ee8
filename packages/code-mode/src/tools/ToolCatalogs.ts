import { createHash } from 'node:crypto';
import { InputError } from '@backstage/errors';
import type { ToolDefinition } from './ToolDefinition';

/** Tools as they are sent to sandbox processes. */
export interface ToolCatalog {
  hash: string;
  /** An array of `ToolDefinition`. */
  json: string;
  names: ReadonlySet<string>;
}

const IDENTIFIER = /^[A-Za-z_$][\w$]{0,199}$/;
const MAX_TOOL_CHARACTERS = 100_000;
const MAX_TOOLS = 20_000;
const MAX_CATALOG_CHARACTERS = 30_000_000;

/** Names that mean something else on `codemode`. */
export const RESERVED_NAMES: readonly string[] = [
  'tools',
  'search',
  'types',
  'then',
  'toJSON',
];

/**
 * Makes texts of tool definitions, once for each array: it must not change
 * after it was used.
 */
export class ToolCatalogs {
  readonly #known = new WeakMap<readonly ToolDefinition[], ToolCatalog>();

  /** @throws InputError if names are no identifiers, are reserved, or not unique. */
  of(tools: readonly ToolDefinition[]): ToolCatalog {
    let catalog = this.#known.get(tools);
    if (!catalog) {
      catalog = createCatalog(tools);
      this.#known.set(tools, catalog);
    }
    return catalog;
  }
}

function createCatalog(tools: readonly ToolDefinition[]): ToolCatalog {
  if (tools.length > MAX_TOOLS) {
    throw new InputError(`An execution may have ${MAX_TOOLS} tools`);
  }
  const names = new Set<string>();
  for (const { name } of tools) {
    if (!IDENTIFIER.test(name) || RESERVED_NAMES.includes(name)) {
      throw new InputError(
        `The tool name ${String(name).slice(
          0,
          200,
        )} is no JavaScript identifier, or reserved`,
      );
    }
    if (names.has(name)) {
      throw new InputError(`Two tools have the name ${name}`);
    }
    names.add(name);
  }
  const json = `[${tools.map(toolJson).join(',')}]`;
  if (json.length > MAX_CATALOG_CHARACTERS) {
    throw new InputError(
      `The tool definitions have ${json.length} characters of at most ${MAX_CATALOG_CHARACTERS}`,
    );
  }
  const hash = createHash('sha256').update(json).digest('base64url');
  return { hash, json, names };
}

/** Definitions come from servers that may mean harm: what is too long or cannot be written loses its schemas. */
function toolJson(tool: ToolDefinition): string {
  const { name, server, description, inputSchema, outputSchema, annotations } =
    tool;
  try {
    const json = JSON.stringify({
      name,
      server,
      description,
      inputSchema,
      outputSchema,
      annotations,
    });
    if (json.length <= MAX_TOOL_CHARACTERS) {
      return json;
    }
  } catch {
    // Nested so deep that it cannot be written, or refers to itself.
  }
  return JSON.stringify({
    name,
    server,
    description: `${String(description ?? '').slice(
      0,
      1000,
    )} [definition left out: too large]`,
  });
}
