import type { CodeMode, ToolDefinition } from '@prompt-corner/code-mode';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';

/** Most names that `codemode.types` takes at once. */
const TYPES_AT_ONCE = 50;

/** A tool as a client shows it to a model. */
export interface ShownTool {
  name: string;
  description?: string;
  inputSchema?: object;
}

/** What a model reads before it does anything, and when it looks tools up. */
export interface Tokens {
  tools: number;
  servers: number;
  /** Of all names, descriptions and input schemas. */
  plain: number;
  /** Of the two tools of Code Mode. */
  codeMode: number;
  /** Of what `codemode.types` says of all tools. */
  types: number;
}

/** Tokens (o200k) of the names, descriptions and input schemas, as compact JSON. */
export function countTokens(tools: readonly ShownTool[]): number {
  return tools.reduce(
    (sum, { name, description, inputSchema }) =>
      sum + encode(JSON.stringify({ name, description, inputSchema })).length,
    0,
  );
}

/**
 * Counts what tools cost a model plainly and with Code Mode.
 *
 * @param options.codeModeTools - the two that stand for all
 */
export async function measureTokens(options: {
  codeMode: CodeMode;
  codeModeTools: readonly ShownTool[];
  tools: ToolDefinition[];
}): Promise<Tokens> {
  const { codeMode, codeModeTools, tools } = options;
  return {
    tools: tools.length,
    servers: new Set(tools.map(({ server }) => server)).size,
    plain: countTokens(tools),
    codeMode: countTokens(codeModeTools),
    types: encode(await typesOf(codeMode, tools)).length,
  };
}

/** What `codemode.types` answers, as code gets it. */
async function typesOf(
  codeMode: CodeMode,
  tools: ToolDefinition[],
): Promise<string> {
  const answers: string[] = [];
  for (let start = 0; start < tools.length; start += TYPES_AT_ONCE) {
    const names = tools
      .slice(start, start + TYPES_AT_ONCE)
      .map(({ name }) => name);
    const { value, error, cut } = await codeMode.search({
      code: `return codemode.types(${JSON.stringify(names)})`,
      tools,
      principal: 'ada',
    });
    if (typeof value !== 'string' || cut) {
      throw new Error(`No types of ${names[0]}: ${error?.message ?? 'cut'}`);
    }
    answers.push(value);
  }
  return answers.join('\n');
}
