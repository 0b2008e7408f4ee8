import { createServer as createHttpServer, RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { AddressInfo, Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { generate } from 'selfsigned';

/** A server on the loopback interface. */
export interface TestServer {
  port: number;
  /** Method and path of each request so far. */
  requests: string[];
  /** How many connections were made to it. */
  connections: number;
  /** What answers from now on. */
  answer: RequestListener;
  stop(): Promise<void>;
}

/** Starts a server without encryption. */
export function startHttpServer(): Promise<TestServer> {
  return start(createHttpServer(), 'connection');
}

/** Starts a server with a certificate for `hostname`, which this process trusts from now on. */
export function startHttpsServer(hostname: string): Promise<TestServer> {
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
  return start(createHttpsServer({ key, cert }), 'secureConnection');
}

async function start(
  server: ReturnType<typeof createHttpServer>,
  connectionEvent: string,
): Promise<TestServer> {
  const started: TestServer = {
    port: 0,
    requests: [],
    connections: 0,
    answer: (_request, response) => response.end(),
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  server.on(connectionEvent, (socket: Socket) => {
    socket.on('error', () => {});
    started.connections += 1;
  });
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
