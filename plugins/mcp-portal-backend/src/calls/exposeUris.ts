import type { Result } from '@modelcontextprotocol/client';
import { isRecord } from '../json/isRecord';

/**
 * Gives the resources in a result the URIs that they have in the portal, so
 * that a client can read them there. Copies what it changes.
 *
 * @param result - of a tool, a prompt, or of reading a resource
 */
export function exposeUris(
  result: Result,
  uriOf: (uri: string) => string,
): Result {
  const { content, contents, messages } = result as Record<string, unknown>;
  return {
    ...result,
    ...(Array.isArray(content) && {
      content: content.map(block => exposeBlock(block, uriOf)),
    }),
    ...(Array.isArray(contents) && {
      contents: contents.map(item => exposeUri(item, uriOf)),
    }),
    ...(Array.isArray(messages) && {
      messages: messages.map(message =>
        isRecord(message) && isRecord(message.content)
          ? { ...message, content: exposeBlock(message.content, uriOf) }
          : message,
      ),
    }),
  };
}

function exposeBlock(block: unknown, uriOf: (uri: string) => string): unknown {
  if (!isRecord(block)) {
    return block;
  }
  if (block.type === 'resource_link') {
    return exposeUri(block, uriOf);
  }
  return block.type === 'resource'
    ? { ...block, resource: exposeUri(block.resource, uriOf) }
    : block;
}

function exposeUri(item: unknown, uriOf: (uri: string) => string): unknown {
  return isRecord(item) && typeof item.uri === 'string'
    ? { ...item, uri: uriOf(item.uri) }
    : item;
}
