import { createHash } from 'node:crypto';
import http, { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendJson } from '../../__testUtils__/startProvider';

/** What the provider was asked. */
export interface Asked {
  method: string;
  /** With query. */
  url: string;
  headers: http.IncomingHttpHeaders;
  /** Of bodies up to a MiB. */
  body: string;
  bytes: number;
  sha256: string;
}

type Description = Record<string, unknown> & { id: string };

/** As its files are known. */
const GOOGLE = 'https://generativelanguage.googleapis.com/v1beta';

/** Bodies up to this size are kept. */
const KEPT_BYTES = 1024 * 1024;

/**
 * Providers as their keys see them, on the loopback interface: all callers have
 * the same key, so that everybody gets at everything, and lists have everything.
 */
export class FakeProvider {
  readonly asked: Asked[] = [];
  readonly objects = new Map<string, Description>();
  readonly contents = new Map<string, string>();
  /** Requests that ended before they were whole. */
  cut = 0;
  /** Answers instead, where it returns true. */
  intercept?: (request: IncomingMessage, response: ServerResponse) => boolean;
  url = '';
  #ids = 0;
  readonly #server = http.createServer((request, response) => {
    if (!this.intercept?.(request, response)) {
      this.#read(request, response);
    }
  });

  async start(): Promise<this> {
    await new Promise<void>(resolve =>
      this.#server.listen(0, '127.0.0.1', resolve),
    );
    const { port } = this.#server.address() as AddressInfo;
    this.url = `http://127.0.0.1:${port}`;
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
  }

  /** Requests with a method and a path that begins so. */
  askedFor(method: string, path: string): Asked[] {
    return this.asked.filter(
      one => one.method === method && one.url.startsWith(path),
    );
  }

  /** Ends a batch of OpenAI's. */
  finish(id: string, lines: object[]): string {
    const output = this.#make('file', { purpose: 'batch_output' });
    this.contents.set(output.id, jsonl(lines));
    Object.assign(this.objects.get(id)!, {
      status: 'completed',
      output_file_id: output.id,
    });
    return output.id;
  }

  /** Ends a batch of Anthropic's. */
  end(id: string, lines: object[]): void {
    this.contents.set(id, jsonl(lines));
    Object.assign(this.objects.get(id)!, {
      processing_status: 'ended',
      results_url: `https://api.anthropic.example/v1/messages/batches/${id}/results`,
    });
  }

  #make(prefix: string, members: object): Description {
    const id = `${prefix}_${++this.#ids}`;
    const made = { id, ...members };
    this.objects.set(id, made);
    return made;
  }

  #read(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    const hash = createHash('sha256');
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      hash.update(chunk);
      if (bytes <= KEPT_BYTES) {
        chunks.push(chunk);
      }
    });
    request.on('close', () => {
      if (!request.complete) {
        this.cut++;
      }
    });
    request.on('error', () => {});
    request.on('end', () => {
      const asked = {
        method: request.method!,
        url: request.url!,
        headers: request.headers,
        body: bytes <= KEPT_BYTES ? Buffer.concat(chunks).toString() : '',
        bytes,
        sha256: hash.digest('hex'),
      };
      this.asked.push(asked);
      this.#answer(asked, response);
    });
  }

  #answer({ method, url, body }: Asked, response: ServerResponse): void {
    const [, version, ...rest] = url.split('?')[0].split('/');
    const path = rest.join('/');
    const isGoogle = version === 'v1beta';
    const json = () => JSON.parse(body);
    switch (`${method} ${path}`) {
      case 'POST files': {
        const file = this.#make('file', { object: 'file', purpose: 'any' });
        this.contents.set(file.id, body);
        return sendJson(response, file);
      }
      case 'POST uploads':
        return sendJson(response, this.#make('upload', json()));
      case 'POST messages/batches':
        return sendJson(
          response,
          this.#make('msgbatch', {
            processing_status: 'in_progress',
            results_url: null,
          }),
        );
      case 'POST batches':
        return sendJson(
          response,
          this.#make('batch', { status: 'validating', ...json() }),
        );
      case 'POST cachedContents': {
        const cache = this.#make('cache', {});
        return sendJson(response, {
          name: `cachedContents/${cache.id}`,
          usageMetadata: { totalTokenCount: 500 },
        });
      }
      case 'POST v1beta/files':
        return this.#takeUpload(url, response);
      case 'POST messages':
        return sendJson(response, {
          id: 'msg_1',
          model: json().model,
          usage: { input_tokens: 10, output_tokens: 5 },
        });
      case 'POST responses':
        return sendJson(response, {
          ...this.#make('resp', { object: 'response', status: 'completed' }),
          model: json().model,
          usage: { input_tokens: 10, output_tokens: 5 },
        });
      case 'GET files':
      case 'GET batches':
      case 'GET messages/batches':
        // Everybody's.
        return sendJson(response, { data: [...this.objects.values()] });
      default:
        return this.#answerAbout(method, rest, response, isGoogle);
    }
  }

  /** Gemini's resumable protocol. */
  #takeUpload(url: string, response: ServerResponse): void {
    const id = new URL(url, this.url).searchParams.get('upload_id');
    if (id === null) {
      const upload = this.#make('upload', {});
      const at = `https://google.example${url}?upload_id=${upload.id}`;
      response.writeHead(200, {
        'x-goog-upload-status': 'active',
        'x-goog-upload-url': at,
        'x-goog-upload-control-url': at,
      });
      response.end();
      return;
    }
    const file = this.#make('gfile', {});
    sendJson(
      response,
      { file: { name: `files/${file.id}`, uri: `${GOOGLE}/files/${file.id}` } },
      200,
      { 'x-goog-upload-status': 'final' },
    );
  }

  #answerAbout(
    method: string,
    path: string[],
    response: ServerResponse,
    isGoogle: boolean,
  ): void {
    const id = path.find(part => this.objects.has(part));
    if (id === undefined) {
      sendJson(response, { error: { message: 'gone' } }, isGoogle ? 403 : 404);
      return;
    }
    const object = this.objects.get(id)!;
    const below = path.at(-1);
    if (method === 'DELETE') {
      this.objects.delete(id);
      sendJson(response, { id, deleted: true });
    } else if (below === 'content' || below === 'results') {
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      response.end(this.contents.get(id));
    } else if (below === 'complete') {
      const file = this.#make('file', { object: 'file' });
      sendJson(response, { ...object, status: 'completed', file });
    } else {
      sendJson(response, object);
    }
  }
}

function jsonl(lines: object[]): string {
  return lines.map(line => `${JSON.stringify(line)}\n`).join('');
}
