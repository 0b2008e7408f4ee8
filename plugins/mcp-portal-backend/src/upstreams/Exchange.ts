import {
  Client,
  Result,
  SSEClientTransport,
  StreamableHTTPClientTransport,
  Tool,
  Transport,
} from '@modelcontextprotocol/client';
import type { RemoteType } from '@prompt-corner/plugin-mcp-portal-common';
import { AnswerEnd } from './AnswerEnd';
import { ANY_RESULT } from './anyResult';
import { boundedFetch, Fetch, Refusal } from './BoundedFetch';
import { sharedSession } from './sharedSession';
import type { UpstreamRequest } from './types';
import type { Handshake } from './UpstreamSessions';

/** As what the portal shows itself to servers. */
const CLIENT_INFO = { name: 'prompt-corner', title: 'Prompt Corner' };

/** Where a server offers to go on with a stream that broke. */
const RECONNECTION = {
  initialReconnectionDelay: 500,
  maxReconnectionDelay: 5_000,
  reconnectionDelayGrowFactor: 2,
  maxRetries: 2,
};

/** What an exchange is made with. */
export interface ExchangeOptions {
  url: URL;
  type: RemoteType;
  /** That carry the credential. */
  headers: Record<string, string>;
  /** The same, as they are now. */
  currentHeaders: () => Promise<Record<string, string>>;
  fetch: Fetch;
  maxBytes: number;
  /** Of the portal. */
  version: string;
}

/**
 * One request to a server and everything that belongs to it: progress,
 * messages, questions of the server.
 *
 * Each has an SDK client of its own. So nothing that a server sends can reach
 * another request, and which replica sends it makes no difference; connections
 * are kept by `fetch`.
 */
export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #request: UpstreamRequest;
  readonly #answerEnd = new AnswerEnd();
  /** Whether the server sent more than is taken. */
  tooLarge = false;
  /** The last answer to the request, or to the handshake, that was no success. */
  refusal: Refusal | undefined;

  constructor(options: ExchangeOptions, request: UpstreamRequest) {
    this.#options = options;
    this.#request = request;
  }

  /** Finds out what the server speaks. */
  async shakeHands(): Promise<Handshake> {
    const client = this.#client();
    const transport = this.#transport(client);
    try {
      // Others may wait for it too: that this request is cancelled does not end it.
      await client.connect(transport, {
        timeout: this.#request.timeoutMs,
      });
      return handshakeOf(client, transport);
    } finally {
      await client.close();
    }
  }

  /** Sends the request to a server of which the handshake is known. */
  async send(handshake: Handshake): Promise<Result> {
    const client = this.#client();
    try {
      if (handshake.era === 'modern') {
        await client.connect(this.#transport(client), {
          prior: { kind: 'modern', discover: handshake.discover },
        });
      } else {
        // With a session id, even an empty one, the SDK leaves the handshake out.
        await client.connect(
          this.#transport(client, {
            sessionId: handshake.sessionId,
            protocolVersion: handshake.protocolVersion,
          }),
        );
      }
      const result = await this.#answerEnd.orAnswer(() => this.#ask(client));
      // What a server still says belongs to nothing any more.
      client.fallbackRequestHandler = undefined;
      client.fallbackNotificationHandler = undefined;
      this.#answerEnd.letEnd(() => void client.close());
      return result;
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  /**
   * Listens for what the server says by itself, until the request's signal ends
   * it or the server does.
   *
   * @param uris - resources of which every change is told
   */
  async listen(handshake: Handshake, uris: string[]): Promise<void> {
    const client = this.#client();
    const ended = new Promise<void>(resolve => {
      this.#request.signal.addEventListener('abort', () => resolve(), {
        once: true,
      });
      client.onclose = resolve;
    });
    try {
      if (handshake.era === 'modern') {
        await client.connect(this.#transport(client), {
          prior: { kind: 'modern', discover: handshake.discover },
        });
        const subscription = await client.listen(
          {
            toolsListChanged: true,
            promptsListChanged: true,
            resourcesListChanged: true,
            ...(uris.length && { resourceSubscriptions: uris }),
          },
          this.#limits(),
        );
        await Promise.race([ended, subscription.closed]);
        return;
      }
      await client.connect(
        this.#transport(client, {
          sessionId: handshake.sessionId,
          protocolVersion: handshake.protocolVersion,
        }),
      );
      // The SDK opens the stream of a session when it has sent this.
      await client.notification({ method: 'notifications/initialized' });
      for (const uri of uris) {
        await client.request(
          { method: 'resources/subscribe', params: { uri } },
          ANY_RESULT,
          this.#limits(),
        );
      }
      await ended;
    } finally {
      await client.close();
    }
  }

  /** Shakes hands and sends the request on one connection, as HTTP with SSE needs it. */
  async sendAtOnce(): Promise<Result> {
    const client = this.#client();
    try {
      await client.connect(this.#transport(client), this.#limits());
      return await this.#ask(client);
    } finally {
      await client.close();
    }
  }

  async #ask(client: Client): Promise<Result> {
    const { method, params, onProgress, toolDefinition } = this.#request;
    const options = {
      ...this.#limits(),
      allowInputRequired: true,
      resetTimeoutOnProgress: true,
      ...(onProgress && {
        onprogress: (progress: object) => onProgress({ ...progress }),
      }),
    };
    if (toolDefinition && hasHeaderArguments(toolDefinition)) {
      const { outputSchema: _, ...definition } = toolDefinition;
      return client.callTool(params as { name: string }, {
        ...options,
        toolDefinition: definition as unknown as Tool,
      });
    }
    return client.request({ method, params }, ANY_RESULT, options);
  }

  #limits() {
    return {
      signal: this.#request.signal,
      timeout: this.#request.timeoutMs,
    };
  }

  #client(): Client {
    const { client: behind, onRequest, onNotification } = this.#request;
    const client = new Client(
      { ...CLIENT_INFO, version: this.#options.version },
      {
        capabilities: behind.capabilities,
        versionNegotiation: {
          mode: this.#options.type === 'sse' ? 'legacy' : 'auto',
        },
        inputRequired: { autoFulfill: false },
      },
    );
    if (onRequest) {
      client.fallbackRequestHandler = async ({ method, params }) =>
        onRequest({ method, params });
    }
    if (onNotification) {
      client.fallbackNotificationHandler = async ({ method, params }) =>
        onNotification({ method, params });
    }
    return client;
  }

  /** @param client - that is about to use it */
  #transport(
    client: Client,
    session?: { sessionId: string; protocolVersion: string },
  ): Transport {
    const { url, type, headers } = this.#options;
    const common = {
      fetch: boundedFetch(this.#options.fetch, {
        maxBytes: this.#options.maxBytes,
        headers: this.#options.currentHeaders,
        onRefusal: refusal => {
          this.refusal = refusal;
        },
        onTooLarge: () => {
          this.tooLarge = true;
          void client.close();
        },
        onStream: () => this.#answerEnd.streamBegan(),
      }),
      requestInit: { headers },
    };
    if (type === 'sse') {
      return sharedSession(new SSEClientTransport(url, common));
    }
    const transport = new StreamableHTTPClientTransport(url, {
      ...common,
      ...session,
      onInsufficientScope: 'throw',
      reconnectionOptions: RECONNECTION,
    });
    this.#answerEnd.watch(transport);
    return sharedSession(transport);
  }
}

function handshakeOf(client: Client, transport: Transport): Handshake {
  const discover = client.getDiscoverResult();
  return client.getProtocolEra() === 'modern' && discover
    ? { era: 'modern', discover }
    : {
        era: 'legacy',
        sessionId: transport.sessionId ?? '',
        protocolVersion: client.getNegotiatedProtocolVersion() ?? '',
        capabilities: client.getServerCapabilities() ?? {},
        instructions: client.getInstructions(),
      };
}

/** By definition of the tool: which of them have arguments that are sent as headers too. */
const headerArguments = new WeakMap<object, boolean>();

/** Protocol revision 2026-07-28. */
function hasHeaderArguments(definition: Record<string, unknown>): boolean {
  let has = headerArguments.get(definition);
  if (has === undefined) {
    has = JSON.stringify(definition.inputSchema ?? {}).includes(
      '"x-mcp-header"',
    );
    headerArguments.set(definition, has);
  }
  return has;
}
