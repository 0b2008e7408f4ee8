import type { AnyZodObject, z } from 'zod/v3';
import type { CallerCatalog } from '../catalog/CallerCatalog';

/**
 * A question about the catalog that an agent may ask.
 *
 * Defined once and served three ways: by the MCP endpoint of this plugin, as a
 * Backstage action to other MCP servers, and as a scaffolder step. All tools
 * read only, and answer the same question the same way.
 */
export interface CatalogTool<
  TInput extends AnyZodObject = AnyZodObject,
  TOutput extends AnyZodObject = AnyZodObject,
> {
  /** The action's name, in kebab-case. The MCP tool has the same in snake_case. */
  name: string;
  title: string;
  /** What it answers, for a model that chooses among tools. */
  description: string;
  input: TInput;
  output: TOutput;
  examples: Array<{ title: string; input: z.input<TInput> }>;
  /**
   * @throws InputError, NotFoundError and others of `@backstage/errors`, with
   *   messages that the model can act on
   */
  run(input: z.infer<TInput>, caller: CallerCatalog): Promise<z.infer<TOutput>>;
}

/** Checks a tool's types without widening them. */
export function defineCatalogTool<
  TInput extends AnyZodObject,
  TOutput extends AnyZodObject,
>(tool: CatalogTool<TInput, TOutput>): CatalogTool {
  return tool as unknown as CatalogTool;
}
