import express from 'express';

const parsers = new Map<number, ReturnType<typeof express.json>>();

function parserOf(maxBytes: number): ReturnType<typeof express.json> {
  let parser = parsers.get(maxBytes);
  if (!parser) {
    parser = express.json({ limit: maxBytes, type: () => true });
    parsers.set(maxBytes, parser);
  }
  return parser;
}

/**
 * Reads the one JSON-RPC message in a request. Batches ended with protocol
 * revision 2025-06-18, and one would count as a single request for the rate
 * limit.
 *
 * Any other type than JSON is refused, as the specification wants (Streamable
 * HTTP, sending messages): a web page can make a browser send a form or plain
 * text to anywhere without asking first, and JSON it cannot.
 *
 * @returns undefined when the request was answered with an error
 */
export async function readMessage(
  request: express.Request,
  response: express.Response,
  options: { maxBytes: number },
): Promise<unknown> {
  if (!isJson(request.headers['content-type'])) {
    sendRpcError(
      response.status(415),
      'Send the message as application/json, with this Content-Type',
      -32600,
    );
    return undefined;
  }
  const error = await new Promise<{ type?: string } | undefined>(resolve =>
    parserOf(options.maxBytes)(request, response, resolve),
  );
  if (error?.type === 'entity.too.large') {
    sendRpcError(
      response.status(413),
      `The message is larger than ${options.maxBytes} bytes`,
    );
    return undefined;
  }
  if (error) {
    sendRpcError(response.status(400), 'The message is not valid JSON', -32700);
    return undefined;
  }
  if (Array.isArray(request.body)) {
    sendRpcError(
      response.status(400),
      'Send one message in each request; batches are not supported',
      -32600,
    );
    return undefined;
  }
  return request.body;
}

/** Parameters, such as the charset, do not matter: JSON is UTF-8. */
function isJson(contentType: string | undefined): boolean {
  const [mediaType] = (contentType ?? '').split(';');
  return mediaType.trim().toLowerCase() === 'application/json';
}

/**
 * Answers with a JSON-RPC error that belongs to no request, as the refusals of
 * the SDK's transports do.
 *
 * @param response - with the status set
 * @param code - of JSON-RPC; by default the one for errors of a server
 */
export function sendRpcError(
  response: express.Response,
  message: string,
  code = -32000,
): void {
  response.json({ jsonrpc: '2.0', id: null, error: { code, message } });
}
