import { once } from 'node:events';
import { Agent, createServer, request as ask } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';
import { runProcess } from '../../children/runProcess';

/** Where the pipe listens, as an origin. */
export interface Pipe {
  url: string;
}

/** Connections that are kept, more than any load has. */
const MAX_IDLE = 1_024;

/** Of one connection, not of the request (RFC 9110, section 7.6.1). */
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding'];

/**
 * Forwards every request, and nothing else: the least that a proxy written in
 * Node does. This file is the entry point of a child process.
 */
async function run(options: { upstream: string }): Promise<Pipe> {
  const { hostname, port } = new URL(options.upstream);
  const agent = new Agent({ keepAlive: true, maxFreeSockets: MAX_IDLE });
  const server = createServer((request, response) => {
    const forwarded = ask(
      {
        agent,
        hostname,
        port,
        method: request.method,
        path: request.url,
        headers: endToEnd({ ...request.headers, host: undefined }),
      },
      answer => {
        response.writeHead(answer.statusCode!, endToEnd(answer.headers));
        pipeline(answer, response, () => {});
      },
    );
    forwarded.on('error', () => response.destroy());
    request.pipe(forwarded);
  });
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function endToEnd<Headers extends object>(headers: Headers): Headers {
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name, value]) => value !== undefined && !HOP_BY_HOP.includes(name),
    ),
  ) as Headers;
}

runProcess(run);
