import { createServer, IncomingMessage } from 'node:http';
import { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A request as an API got it. */
export interface RecordedRequest {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** What an API answers. */
export interface ApiAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

/** An API that remembers what it was asked. */
export interface Recorder {
  url: string;
  requests: RecordedRequest[];
  stop(): Promise<void>;
}

/** Passes requests on to another server. */
export function passTo(url: string) {
  return async (request: RecordedRequest): Promise<ApiAnswer> => {
    const { authorization, accept, 'content-type': type } = request.headers;
    const response = await fetch(`${url}${request.url}`, {
      method: request.method,
      redirect: 'manual',
      headers: {
        ...(authorization && { authorization }),
        ...(accept && { accept }),
        ...(type && { 'content-type': type }),
      },
      body: request.body || undefined,
    });
    return {
      status: response.status,
      headers: {
        'content-type': response.headers.get('content-type') ?? 'text/plain',
      },
      body: await response.text(),
    };
  };
}

/** Starts one. */
export async function startRecorder(
  answer: (request: RecordedRequest) => ApiAnswer | Promise<ApiAnswer>,
): Promise<Recorder> {
  const requests: RecordedRequest[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const request = {
      method: incoming.method!,
      url: incoming.url!,
      headers: incoming.headers,
      body: (await buffer(incoming)).toString(),
    };
    requests.push(request);
    const { status, headers, body } = await answer(request);
    outgoing.writeHead(status, headers).end(body);
  });
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async stop() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}
