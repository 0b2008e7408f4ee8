import { Fields, fieldsOf, isGiven, itemsOf, textOf } from '../fields';
import type { Facts } from './Facts';

/** Policy reads no more of them. */
export const MAX_TOOLS = 512;

/** Tools of the client, and those that the provider runs. */
export type Tools = Pick<Facts, 'tools' | 'serverTools'>;

/** Sorts a list of tools by who runs them. */
export function toolsOf(
  value: unknown,
  read: (tool: Fields) => { own?: string; server?: string },
): Tools {
  const tools: string[] = [];
  const serverTools: string[] = [];
  for (const item of itemsOf(value)) {
    const { own, server } = read(fieldsOf(item));
    if (own !== undefined && tools.length < MAX_TOOLS) {
      tools.push(own);
    }
    if (server !== undefined) {
      serverTools.push(withoutDate(server));
    }
  }
  return { tools, serverTools: [...new Set(serverTools)] };
}

/** `web_search_20250305` and `web_search_preview_2025_03_11` are both a `web_search`, as policies name it. */
export function withoutDate(type: string): string {
  return type.replace(/(?:_preview)?_(?:\d{8}|\d{4}_\d{2}_\d{2})$/, '');
}

/** Tools as both APIs of OpenAI describe them. */
export function openAiTools(value: unknown, webSearch?: unknown): Tools {
  const found = toolsOf(value, tool => {
    const type = textOf(tool.type);
    return type === 'function' || type === 'custom'
      ? { own: textOf(tool.name) ?? textOf(fieldsOf(tool.function).name) }
      : { server: type };
  });
  return isGiven(webSearch)
    ? { ...found, serverTools: [...found.serverTools, 'web_search'] }
    : found;
}

/**
 * Tools of a request, also those that it brings in the middle of a conversation
 * (items `additional_tools` and `tool_search_output` of the Responses API, and
 * `tool_addition` of Anthropic's), and those in a namespace.
 */
export function toolsIn(body: Fields): Fields[] {
  const added = itemsOf(body.messages)
    .flatMap(message => itemsOf(fieldsOf(message).content))
    .map(block => fieldsOf(fieldsOf(block).tool).definition)
    .filter(isGiven);
  return [body, ...itemsOf(body.input)]
    .flatMap(holder => itemsOf(fieldsOf(holder).tools))
    .concat(added)
    .map(fieldsOf)
    .flatMap(tool =>
      tool.type === 'namespace' ? itemsOf(tool.tools).map(fieldsOf) : [tool],
    );
}
