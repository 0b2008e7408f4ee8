import { isCallable } from './names';
import { nearestNames } from './nearestNames';
import type { ToolDefinition } from './ToolDefinition';
import { ToolIndex } from './ToolIndex';
import { toolSignature } from './toolSignature';

const DEFAULT_LIMIT = 10;
const MAX_LIMIT = 50;
const MAX_TYPES = 50;
const BRIEF_CHARACTERS = 160;

/** What code sees, as the sandbox process knows it. */
export class Catalog {
  /** Of the global with the tools. */
  readonly namespace: string;
  /** Pointers of what a document omits. */
  readonly omitted: ReadonlySet<string>;
  readonly #json: string;
  readonly #tools: ToolDefinition[];
  readonly #byName: Map<string, ToolDefinition>;
  #index: ToolIndex | undefined;

  /** @param text - of a `ToolCatalog` */
  constructor(text: string, namespace: string) {
    // JSON has no line breaks of its own.
    const [json, omitted = '[]'] = text.split('\n');
    this.namespace = namespace;
    this.omitted = new Set(JSON.parse(omitted) as string[]);
    this.#json = json;
    this.#tools = JSON.parse(json);
    this.#byName = new Map(this.#tools.map(tool => [tool.name, tool]));
  }

  /** Whether code can call a tool of this name. */
  has(name: string): boolean {
    return this.#byName.has(name) && isCallable(name);
  }

  /** What to say to code that calls a tool which is not there. */
  unknownTool(name: string): string {
    const shown = name.slice(0, 100);
    const callable = [...this.#byName.keys()].filter(isCallable);
    const nearest = nearestNames(name, callable);
    const hint =
      nearest.length > 0
        ? `Did you mean ${nearest.join(' or ')}?`
        : `Find tools with ${this.namespace}.search(query).`;
    return `There is no tool ${shown}. ${hint}`;
  }

  /**
   * Answers `codemode.tools()`, `codemode.search()` and `codemode.types()`.
   *
   * @param request - JSON that a snippet made; anything may be in it.
   * @returns JSON.
   */
  lookUp(kind: string, request: string): string {
    switch (kind) {
      case 'tools':
        return this.#json;
      case 'search':
        return JSON.stringify(this.#search(JSON.parse(request)));
      case 'types':
        return JSON.stringify(this.#types(JSON.parse(request)));
      default:
        throw new Error(`There is no lookup ${kind.slice(0, 20)}`);
    }
  }

  #search(request: { query?: unknown; limit?: unknown; server?: unknown }) {
    const { query, limit, server } = request;
    this.#index ??= new ToolIndex(this.#tools);
    const count =
      typeof limit === 'number' && limit >= 1
        ? Math.min(Math.floor(limit), MAX_LIMIT)
        : DEFAULT_LIMIT;
    return this.#index
      .search(
        String(query),
        count,
        typeof server === 'string' ? server : undefined,
      )
      .map(tool => ({
        name: tool.name,
        server: tool.server,
        description: firstSentence(tool.description ?? ''),
      }));
  }

  #types(request: unknown): string {
    const names = Array.isArray(request) ? request.slice(0, MAX_TYPES) : [];
    return names
      .map(name => {
        const tool = this.#byName.get(String(name));
        return tool
          ? `${comment(tool)}${toolSignature(tool, this.namespace)}`
          : `// ${this.unknownTool(String(name))}`;
      })
      .join('\n');
  }
}

function comment(tool: ToolDefinition): string {
  const sentence = firstSentence(tool.description ?? '');
  return sentence ? `// ${sentence}\n` : '';
}

function firstSentence(description: string): string {
  const line = description.slice(0, 1000).replace(/\s+/g, ' ').trim();
  const end = line.search(/[.!?](?: |$)/);
  const sentence = end < 0 ? line : line.slice(0, end + 1);
  return sentence.length > BRIEF_CHARACTERS
    ? `${sentence.slice(0, BRIEF_CHARACTERS - 1)}…`
    : sentence;
}
