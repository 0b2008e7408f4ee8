import type { OutgoingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { UsageEvent } from '@prompt-corner/plugin-ai-proxy-common';
import { passOn } from '../answers';
import { requestHeaders, responseHeaders } from '../headers';
import { identityHeaders } from '../identity';
import type { Provider } from '../providers';
import { Exchange, outcomeOf } from '../requests';
import { Answer, Client, Pin, Upstreams } from '../upstream';
import { refusalOf } from './refusalOf';
import { readWhole } from './wholeAnswer';

/** What is asked of a provider, besides inference. */
export interface RelayRequest {
  provider: Provider;
  /** Where what it is about lives. */
  pin?: Pin;
  method: string;
  /** Below the version, with query. */
  path: string;
  /** In front of the version, such as `/upload`. */
  above?: string;
  /** Besides those that are forwarded anyway, in lower case. */
  headers?: Record<string, string>;
  body?: Buffer | Readable;
  /** Instead of what the client sent. */
  contentType?: string;
  /** In bytes, where it is known. */
  contentLength?: number;
  /** Of what must not be done twice. */
  once?: boolean;
  /** Goes on when the client goes: of what has to be known whether it was done. */
  detached?: boolean;
}

/** How a request ended. */
export interface Relayed {
  provider?: Provider;
  answer?: Answer;
  status: number;
  how?: 'complete' | 'cut' | 'aborted';
  /** Where something was counted. */
  usage?: Partial<UsageEvent>;
}

/** Anthropic wants to be told which version of its API is meant, and which parts of it that are new. */
const VERSION_HEADERS = {
  accept: 'application/json',
  'anthropic-version': '2023-06-01',
  'anthropic-beta': 'files-api-2025-04-14',
};

/** Asks providers for what is no inference, and hands their answers on. */
export class Relay {
  readonly #upstreams: Upstreams;
  readonly #forwardedHeaders: readonly string[];
  readonly #record: (event: UsageEvent) => void;

  constructor(options: {
    upstreams: Upstreams;
    forwardedHeaders: readonly string[];
    record: (event: UsageEvent) => void;
  }) {
    this.#upstreams = options.upstreams;
    this.#forwardedHeaders = options.forwardedHeaders;
    this.#record = options.record;
  }

  /** Does what a request needs, tells the client when it fails, and counts it. Never throws. */
  async run(exchange: Exchange, work: () => Promise<Relayed>): Promise<void> {
    try {
      const relayed = await work();
      const { provider, answer, status, how = 'complete' } = relayed;
      this.#record(
        exchange.event({
          ...relayed.usage,
          provider: provider?.name ?? answer?.candidate.provider.name,
          deployment: answer?.target.name,
          outcome: outcomeOf(status, how),
          status: how === 'aborted' ? 499 : status,
          attempts: answer?.attempts ?? 0,
        }),
      );
    } catch (error) {
      const told = refusalOf(error);
      if (told.outcome !== 'aborted') {
        exchange.refuse(told.refusal);
      }
      if (told.isUnexpected) {
        exchange.onUnexpected?.(error);
      }
      this.#record(
        exchange.event({
          outcome: told.outcome,
          status: told.refusal.status,
          attempts: 0,
          refusal: told.refusal.reason,
        }),
      );
    } finally {
      if (!exchange.request.readableEnded) {
        // Many clients read the answer only when they have sent everything.
        exchange.request.resume();
      }
    }
  }

  /**
   * Asks a provider for a caller.
   *
   * @throws UpstreamError or QueueError when no answer comes
   */
  ask(exchange: Exchange, request: RelayRequest): Promise<Answer> {
    return this.#ask(request, {
      client: request.detached ? new Client() : exchange.client,
      caller: exchange.principal.uuid,
      headers: requestHeaders(
        exchange.operation.api,
        exchange.request.headers,
        this.#forwardedHeaders,
      ),
    });
  }

  /**
   * Asks a provider where no caller waits.
   *
   * @param principal - UUID of whom it is about
   */
  askAlone(principal: string, request: RelayRequest): Promise<Answer> {
    return this.#ask(request, {
      client: new Client(),
      caller: principal,
      headers: requestHeaders(request.provider.api, VERSION_HEADERS),
    });
  }

  /**
   * Undoes something that was made, as whose it is could not be written down. What
   * cannot be undone stays at the provider, out of everybody's reach.
   *
   * @returns whether the provider says that it did it
   */
  async abandon(
    object: { principal: string; target: string },
    provider: Provider,
    request: Pick<RelayRequest, 'method' | 'path'>,
  ): Promise<boolean> {
    try {
      const answer = await this.askAlone(object.principal, {
        ...request,
        provider,
        pin: { provider: provider.name, target: object.target },
      });
      await readWhole(answer);
      return answer.response.statusCode! < 300;
    } catch {
      return false;
    }
  }

  async #ask(
    request: RelayRequest,
    from: { client: Client; caller: string; headers: Record<string, string> },
  ): Promise<Answer> {
    const { provider, pin, method, path, above, body, once } = request;
    const { contentType, contentLength } = request;
    const headers = {
      ...from.headers,
      ...identityHeaders(provider.identity, from.caller),
      ...request.headers,
    };
    if (body === undefined) {
      delete headers['content-type'];
    }
    if (contentType !== undefined) {
      headers['content-type'] = contentType;
    }
    if (contentLength !== undefined) {
      headers['content-length'] = String(contentLength);
    }
    const stop = () => {
      if (body && !Buffer.isBuffer(body)) {
        body.destroy();
      }
    };
    try {
      const answer = await this.#upstreams.ask({
        chain: [{ provider, model: '' }],
        caller: from.caller,
        affinity: from.caller,
        client: from.client,
        pin,
        once,
        prepare: () => ({ method, path, above, headers, body }),
      });
      // It may answer before it has read everything.
      answer.response.once('close', stop);
      return answer;
    } catch (error) {
      stop();
      throw error;
    }
  }

  /** Hands an answer on as it comes. */
  async pass(
    exchange: Exchange,
    answer: Answer,
    onChunk: (chunk: Buffer) => void = () => {},
  ): Promise<Relayed> {
    const { provider } = answer.candidate;
    const { response } = exchange;
    const status = answer.response.statusCode!;
    response.writeHead(
      status,
      responseHeaders(answer.response.headers, exchange.id),
    );
    if (answer.body) {
      exchange.firstByte();
      response.end(answer.body);
      return { answer, status };
    }
    const how = await passOn(answer.response, response, {
      client: exchange.client,
      onDisconnect: 'cancel',
      timeouts: provider.timeouts,
      onChunk: chunk => {
        exchange.firstByte();
        onChunk(chunk);
      },
    });
    answer.release();
    return { answer, status, how };
  }

  /**
   * Hands on an answer that has been read.
   *
   * @param body - as the provider sent it; or changed, and then unpacked
   * @param changedHeaders - instead of the provider's, in lower case; undefined for none
   */
  send(
    exchange: Exchange,
    answer: Answer,
    body: { raw: Buffer } | { changed: Buffer },
    changedHeaders: Record<string, string | undefined> = {},
  ): Relayed {
    const status = answer.response.statusCode!;
    const headers: OutgoingHttpHeaders = Object.fromEntries(
      Object.entries({
        ...responseHeaders(answer.response.headers, exchange.id),
        ...changedHeaders,
      }).filter(([, value]) => value !== undefined),
    );
    const bytes = 'raw' in body ? body.raw : body.changed;
    if ('changed' in body) {
      delete headers['content-encoding'];
    }
    if (status !== 204) {
      headers['content-length'] = bytes.length;
    }
    exchange.firstByte();
    exchange.response.writeHead(status, headers);
    exchange.response.end(bytes);
    return { answer, status };
  }
}
