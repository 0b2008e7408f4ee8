/**
 * The value that a snippet gets for the result of an MCP `tools/call`: its
 * structured content; or its texts, as JSON where they are; or all of it.
 *
 * @throws Error with the result's text if it says that the call failed.
 */
export function unwrapToolResult(result: {
  content?: unknown;
  structuredContent?: unknown;
  isError?: unknown;
}): unknown {
  const text = textOf(result.content);
  if (result.isError) {
    throw new Error(text || 'The tool failed without saying why');
  }
  if (result.structuredContent !== undefined) {
    return result.structuredContent;
  }
  return text === undefined ? result : parseOr(text);
}

/** @returns undefined if there is anything but text. */
function textOf(content: unknown): string | undefined {
  if (!Array.isArray(content) || content.length === 0) {
    return undefined;
  }
  const texts = content.map(block =>
    block?.type === 'text' && typeof block.text === 'string'
      ? block.text
      : undefined,
  );
  return texts.includes(undefined) ? undefined : texts.join('\n');
}

function parseOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
