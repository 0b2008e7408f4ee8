import { createServer, RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A source of models, as far as a test needs one. */
export interface TestSource {
  url: string;
  /** Of requests, in order. */
  asked: Array<{ url: string; ifNoneMatch?: string }>;
  /** Answers from now on. */
  answer(listener: RequestListener): void;
  /** Answers a document from now on, and 304 to who has it. */
  serve(document: unknown, etag?: string): void;
  close(): Promise<void>;
}

/** Starts a source of models on this machine. */
export async function startSource(): Promise<TestSource> {
  let answer: RequestListener = (_, response) => response.end('{}');
  const asked: TestSource['asked'] = [];
  const server = createServer((request, response) => {
    asked.push({
      url: request.url!,
      ifNoneMatch: request.headers['if-none-match'],
    });
    answer(request, response);
  });
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/api.json`,
    asked,
    answer(listener) {
      answer = listener;
    },
    serve(document, etag) {
      answer = (request, response) => {
        if (etag && request.headers['if-none-match'] === etag) {
          response.writeHead(304).end();
          return;
        }
        response
          .writeHead(200, {
            'content-type': 'application/json',
            ...(etag && { etag }),
          })
          .end(JSON.stringify(document));
      };
    },
    close: () =>
      new Promise<void>((resolve, reject) => {
        server.closeAllConnections();
        server.close(error => (error ? reject(error) : resolve()));
      }),
  };
}
