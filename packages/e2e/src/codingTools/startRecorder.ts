import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that passed the recorder. */
export interface RecordedRequest {
  /** Path without query. */
  path: string;
  /** Token of the `Authorization` header, or else the `x-api-key`. */
  token: string | undefined;
}

/** A server on the loopback interface that passes requests on, and remembers their tokens. */
export interface Recorder {
  /** Its URL in place of the target's. */
  url: string;
  requests: RecordedRequest[];
  stop(): Promise<void>;
}

/**
 * Starts a recorder.
 *
 * @param target - origin of the server behind it
 */
export async function startRecorder(target: string): Promise<Recorder> {
  const { hostname, port } = new URL(target);
  const requests: RecordedRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    const { url = '/', method, headers } = incoming;
    requests.push({
      path: url.replace(/\?.*/, ''),
      token:
        headers.authorization?.replace(/^Bearer /, '') ??
        headers['x-api-key']?.toString(),
    });
    const forwarded = request(
      { hostname, port, path: url, method, headers },
      answer => {
        outgoing.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(outgoing);
      },
    );
    forwarded.on('error', error => outgoing.destroy(error));
    outgoing.on('close', () => forwarded.destroy());
    incoming.pipe(forwarded);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
