import { Agent, request, RequestOptions } from 'node:http';
import { createRequest } from '../exchanges/createRequest';
import { answeredText, readText } from '../exchanges/answers';
import type { Exchange } from '../exchanges/Exchange';
import type { Target, Timing } from './protocol';

const MAX_ERROR_CHARACTERS = 200;

/** Clients of one target that ask the same thing, with connections that stay open. */
export class Client {
  readonly #agent: Agent;
  readonly #target: Target;
  readonly #exchange: Exchange;
  readonly #body: Buffer;
  readonly #options: RequestOptions[];
  #answerBytes = NaN;

  private constructor(
    target: Target,
    exchange: Exchange,
    connections: number,
  ) {
    // Without a maximum, a client that asks as soon as it is answered opens one
    // more, as the one it had is not free yet.
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: connections,
      maxFreeSockets: connections,
    });
    this.#target = target;
    this.#exchange = exchange;
    this.#body = createRequest(exchange);
    const { hostname, port, pathname } = new URL(target.url);
    this.#options = target.tokens.map(token => ({
      agent: this.#agent,
      hostname,
      port,
      path: pathname,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-length': this.#body.length,
        // As coding tools do; a proxy that compresses streams holds them up.
        'accept-encoding': 'gzip, deflate',
        'user-agent': 'benchmark/1.0',
        accept: '*/*',
        authorization: `Bearer ${token}`,
        ...target.headers,
      },
    }));
  }

  /**
   * Asks once, and remembers how long a right answer is.
   *
   * @param connections - how many there are at most
   * @throws Error when the answer is not the one that the provider gives
   */
  static async open(
    target: Target,
    exchange: Exchange,
    connections = 1,
  ): Promise<Client> {
    const client = new Client(target, exchange, connections);
    const chunks: Buffer[] = [];
    await client.#send(0, chunk => chunks.push(chunk));
    const body = Buffer.concat(chunks);
    client.#verify(body.toString());
    client.#answerBytes = body.length;
    return client;
  }

  /**
   * Asks, and waits for the whole answer.
   *
   * @param index - whose token is taken
   * @throws Error when it is not answered, or not as long as the first time
   */
  async ask(index = 0): Promise<Timing> {
    let bytes = 0;
    const timing = await this.#send(index, chunk => {
      bytes += chunk.length;
    });
    if (bytes !== this.#answerBytes) {
      throw new Error(`${bytes} bytes instead of ${this.#answerBytes}`);
    }
    return timing;
  }

  close(): void {
    this.#agent.destroy();
  }

  #verify(body: string): void {
    const { delivery } = this.#exchange;
    let text;
    try {
      text = readText(delivery, body);
    } catch {
      text = undefined;
    }
    if (text !== answeredText(delivery)) {
      throw new Error(
        `${
          this.#target.url
        } gave another answer than the provider: ${body.slice(
          0,
          MAX_ERROR_CHARACTERS,
        )}`,
      );
    }
  }

  #send(index: number, take: (chunk: Buffer) => void): Promise<Timing> {
    return new Promise((resolve, reject) => {
      const start = performance.now();
      let firstMs = NaN;
      const sent = request(
        this.#options[index % this.#options.length],
        response => {
          const chunks: Buffer[] = [];
          const isAnswered = response.statusCode === 200;
          response.on('data', chunk => {
            if (Number.isNaN(firstMs)) {
              firstMs = performance.now() - start;
            }
            if (isAnswered) {
              take(chunk);
            } else {
              chunks.push(chunk);
            }
          });
          response.on('error', reject);
          response.on('end', () => {
            if (isAnswered) {
              resolve({ firstMs, lastMs: performance.now() - start });
            } else {
              const said = Buffer.concat(chunks).toString();
              reject(
                new Error(
                  `status ${response.statusCode}: ${said.slice(
                    0,
                    MAX_ERROR_CHARACTERS,
                  )}`,
                ),
              );
            }
          });
        },
      );
      sent.on('error', reject);
      sent.end(this.#body);
    });
  }
}
