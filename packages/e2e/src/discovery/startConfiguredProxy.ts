import { once } from 'node:events';
import {
  createServer,
  IncomingMessage,
  request,
  ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a server answers besides model requests. */
export interface Answer {
  type: 'application/json' | 'text/html' | 'text/markdown';
  body: string;
}

/** A request that came to the server. */
export interface SeenRequest {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  /** Of model requests only. */
  body: string;
}

/** An AI proxy on the loopback interface that answers as a test says, and passes the rest on. */
export interface ConfiguredProxy {
  /** Base URL, without `/` at its end. */
  url: string;
  seen: SeenRequest[];
  /** Sets what a path answers. */
  answer(path: string, answer: Answer | ((token?: string) => Answer)): void;
  stop(): Promise<void>;
}

/**
 * Starts a server that serves documents, and model requests below
 * `/anthropic`, `/openai` and `/google-ai-studio`.
 *
 * @param modelUrl - origin of what answers model requests
 */
export async function startConfiguredProxy(
  modelUrl: string,
): Promise<ConfiguredProxy> {
  const seen: SeenRequest[] = [];
  const answers = new Map<string, (token?: string) => Answer>();
  const server = createServer(async (incoming, outgoing) => {
    const { url = '/', method = 'GET', headers } = incoming;
    const path = url.replace(/\?.*/, '');
    const body = await textOf(incoming);
    seen.push({ method, path, headers, body });
    const answer = answers.get(path);
    if (answer) {
      const token = headers.authorization?.replace(/^Bearer /, '');
      const { type, body: text } = answer(token);
      outgoing.writeHead(200, { 'content-type': type }).end(text);
      return;
    }
    const [, below] =
      /^\/(?:anthropic|openai|google-ai-studio)(\/.*)$/.exec(url) ?? [];
    if (below) {
      forward(`${modelUrl}${below}`, { incoming, body, outgoing });
    } else {
      outgoing.writeHead(404).end();
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    answer(path, answer) {
      answers.set(path, typeof answer === 'function' ? answer : () => answer);
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function forward(
  url: string,
  options: {
    incoming: IncomingMessage;
    body: string;
    outgoing: ServerResponse;
  },
): void {
  const { incoming, body, outgoing } = options;
  const { host: _host, 'transfer-encoding': _, ...headers } = incoming.headers;
  const forwarded = request(
    url,
    {
      method: incoming.method,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    },
    answer => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    },
  );
  forwarded.on('error', error => outgoing.destroy(error));
  outgoing.on('close', () => forwarded.destroy());
  forwarded.end(body);
}
