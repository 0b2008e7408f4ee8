import { Agent, request, RequestOptions } from 'node:http';
import type { Target, Timing } from './protocol';

const MAX_ERROR_CHARACTERS = 200;

/** Nobody waits longer, so that a run ends. */
const MAX_WAIT_MS = 60_000;

/** A client of a target, with one connection that stays open. */
export class Connection {
  readonly #agent = new Agent({
    keepAlive: true,
    maxSockets: 1,
    timeout: MAX_WAIT_MS,
  });
  readonly #url: string;
  readonly #options: RequestOptions;
  readonly #headers: Record<string, string>;

  /** @param index - of the client, by which it has one of the target's tokens */
  constructor({ url, headers, tokens }: Target, index = 0) {
    const { hostname, port, pathname } = new URL(url);
    this.#url = url;
    this.#options = {
      agent: this.#agent,
      hostname,
      port,
      path: pathname,
      method: 'POST',
    };
    this.#headers = {
      'content-type': 'application/json',
      // As coding tools do; a proxy that compresses streams holds them up.
      'accept-encoding': 'gzip, deflate',
      'user-agent': 'benchmark/1.0',
      accept: '*/*',
      authorization: `Bearer ${tokens[index % tokens.length]}`,
      ...headers,
    };
  }

  /**
   * Sends a request, and waits for the end of its answer.
   *
   * @param take - gets the body of the answer, as it comes
   * @throws Error when it is not answered, with what was said
   */
  send(body: Buffer, take: (chunk: Buffer) => void): Promise<Timing> {
    return new Promise((resolve, reject) => {
      const start = performance.now();
      let firstMs = NaN;
      const headers = { ...this.#headers, 'content-length': body.length };
      const sent = request({ ...this.#options, headers }, response => {
        const said: Buffer[] = [];
        const isAnswered = response.statusCode === 200;
        response.on('data', chunk => {
          if (Number.isNaN(firstMs)) {
            firstMs = performance.now() - start;
          }
          if (isAnswered) {
            take(chunk);
          } else {
            said.push(chunk);
          }
        });
        response.on('error', reject);
        response.on('end', () => {
          if (isAnswered) {
            resolve({ firstMs, lastMs: performance.now() - start });
          } else {
            const text = Buffer.concat(said).toString();
            reject(
              new Error(
                `status ${response.statusCode}: ${text.slice(
                  0,
                  MAX_ERROR_CHARACTERS,
                )}`,
              ),
            );
          }
        });
      });
      sent.on('timeout', () =>
        sent.destroy(
          new Error(`${this.#url} said nothing for ${MAX_WAIT_MS / 1_000} s`),
        ),
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
