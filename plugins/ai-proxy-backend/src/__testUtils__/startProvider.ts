import http, {
  IncomingHttpHeaders,
  IncomingMessage,
  ServerResponse,
} from 'node:http';
import { AddressInfo } from 'node:net';

/** What a provider was asked. */
export interface ProviderRequest {
  method: string;
  /** With query. */
  url: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** The body, parsed. */
  json: any;
}

/** Answers a request. */
export type ProviderAnswer = (
  request: ProviderRequest,
  response: ServerResponse,
  raw: IncomingMessage,
) => void;

/** A provider on the loopback interface. */
export interface TestProvider {
  /** Without version. */
  url: string;
  requests: ProviderRequest[];
  /** Connections that are open now. */
  connections(): number;
  stop(): Promise<void>;
}

/** Starts a provider that answers as a test says. */
export async function startProvider(
  answer: ProviderAnswer,
): Promise<TestProvider> {
  const requests: ProviderRequest[] = [];
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', chunk => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const found: ProviderRequest = {
        method: request.method!,
        url: request.url!,
        headers: request.headers,
        body,
        get json() {
          return JSON.parse(body.toString());
        },
      };
      requests.push(found);
      answer(found, response, request);
    });
  });
  let open = 0;
  server.on('connection', socket => {
    open++;
    socket.on('close', () => open--);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    connections: () => open,
    async stop() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

/** Answers with JSON. */
export function sendJson(
  response: ServerResponse,
  value: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    ...headers,
  });
  response.end(JSON.stringify(value));
}

/** A chat completion. */
export function chatCompletion(content = 'Hello') {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    model: 'gpt-5.2',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content },
        finish_reason: 'stop',
      },
    ],
    usage: { prompt_tokens: 11, completion_tokens: 5, total_tokens: 16 },
  };
}
