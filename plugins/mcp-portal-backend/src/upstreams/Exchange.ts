import {
  Client,
  Result,
  SSEClientTransport,
  StandardSchemaV1,
  StreamableHTTPClientTransport,
  Tool,
  Transport,
} from '@modelcontextprotocol/client';
import type { RemoteType } from '@prompt-corner/plugin-mcp-portal-common';
import {
  boundedFetch,
  Fetch,
  Refusal,
  TooManyBytesError,
} from './BoundedFetch';
import { sharedSession } from './sharedSession';
import type { UpstreamRequest } from './types';
import type { Handshake } from './UpstreamSessions';

/** As what the portal shows itself to servers. */
const CLIENT_INFO = { name: 'prompt-corner', title: 'Prompt Corner' };

/** Takes any result as it came: what the portal does not know, it passes on. */
const ANY_RESULT: StandardSchemaV1<Result> = {
  '~standard': {
    version: 1,
    vendor: 'prompt-corner',
    validate: value => ({ value: value as Result }),
  },
};

/** What an exchange is made with. */
export interface ExchangeOptions {
  url: URL;
  type: RemoteType;
  headers: Record<string, string>;
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
  readonly #abort = new AbortController();
  /** The last answer that was no success, if there was one. */
  refusal: Refusal | undefined;

  constructor(options: ExchangeOptions, request: UpstreamRequest) {
    this.#options = options;
    this.#request = request;
  }

  /** Whether the server sent more than is taken. */
  get tooLarge(): boolean {
    return this.#abort.signal.reason instanceof TooManyBytesError;
  }

  /** Finds out what the server speaks. */
  async shakeHands(): Promise<Handshake> {
    const client = this.#client();
    const transport = this.#transport();
    try {
      // Others may wait for it too: that this request is cancelled does not end it.
      await client.connect(transport, {
        signal: this.#abort.signal,
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
        await client.connect(this.#transport(), {
          prior: { kind: 'modern', discover: handshake.discover },
        });
      } else {
        // With a session id, even an empty one, the SDK leaves the handshake out.
        await client.connect(
          this.#transport({
            sessionId: handshake.sessionId,
            protocolVersion: handshake.protocolVersion,
          }),
        );
      }
      return await this.#ask(client);
    } finally {
      await client.close();
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
        await client.connect(this.#transport(), {
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
        this.#transport({
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
      await client.connect(this.#transport(), this.#limits());
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
      signal: AbortSignal.any([this.#request.signal, this.#abort.signal]),
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

  #transport(session?: {
    sessionId: string;
    protocolVersion: string;
  }): Transport {
    const { url, type, headers } = this.#options;
    const common = {
      fetch: boundedFetch(this.#options.fetch, {
        maxBytes: this.#options.maxBytes,
        onRefusal: refusal => {
          this.refusal = refusal;
        },
        onTooLarge: error => this.#abort.abort(error),
      }),
      requestInit: { headers },
    };
    return sharedSession<Transport>(
      type === 'sse'
        ? new SSEClientTransport(url, common)
        : new StreamableHTTPClientTransport(url, {
            ...common,
            ...session,
            onInsufficientScope: 'throw',
            reconnectionOptions: {
              initialReconnectionDelay: 500,
              maxReconnectionDelay: 5_000,
              reconnectionDelayGrowFactor: 2,
              maxRetries: 2,
            },
          }),
    );
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

/** Protocol revision 2026-07-28: arguments that are sent as headers too. */
function hasHeaderArguments(definition: Record<string, unknown>): boolean {
  return JSON.stringify(definition.inputSchema ?? {}).includes(
    '"x-mcp-header"',
  );
}
