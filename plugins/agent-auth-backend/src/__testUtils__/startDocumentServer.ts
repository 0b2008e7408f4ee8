import { createServer as createHttpServer, RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { generate } from 'selfsigned';

/** A server on the loopback interface. */
export interface DocumentServer {
  port: number;
  /** Method and path of each request so far. */
  requests: string[];
  /** What answers from now on. */
  answer: RequestListener;
  stop(): Promise<void>;
}

/** Starts a server without encryption. */
export function startHttpServer(): Promise<DocumentServer> {
  return start(() => createHttpServer());
}

/** Starts a server with a certificate for `hostname`, which this process trusts from now on. */
export function startHttpsServer(hostname: string): Promise<DocumentServer> {
  const { private: key, cert } = generate(
    [{ name: 'commonName', value: hostname }],
    {
      keySize: 2048,
      algorithm: 'sha256',
      extensions: [
        { name: 'basicConstraints', cA: true },
        { name: 'subjectAltName', altNames: [{ type: 2, value: hostname }] },
      ],
    },
  );
  setDefaultCACertificates([...getCACertificates('default'), cert]);
  return start(() => createHttpsServer({ key, cert }));
}

/** An answer with a JSON document. */
export function json(
  value: unknown,
  headers: Record<string, string> = {},
): RequestListener {
  return (_request, response) =>
    response
      .writeHead(200, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(value));
}

/** An answer without a body. */
export function status(
  code: number,
  headers: Record<string, string> = {},
): RequestListener {
  return (_request, response) => response.writeHead(code, headers).end();
}

async function start(
  create: () => ReturnType<typeof createHttpServer>,
): Promise<DocumentServer> {
  const server = create();
  const started: DocumentServer = {
    port: 0,
    requests: [],
    answer: status(404),
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  server.on('request', (request, response) => {
    started.requests.push(`${request.method} ${request.url}`);
    started.answer(request, response);
  });
  await new Promise<void>(resolve =>
    server.listen(0, '127.0.0.1', () => resolve()),
  );
  started.port = (server.address() as AddressInfo).port;
  return started;
}
