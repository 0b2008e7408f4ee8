import {
  Client,
  LOG_LEVEL_META_KEY,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { z } from 'zod';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';

/** Generations of clients: SDK 1, SDK 2 as it speaks to older servers, and SDK 2. */
export const CLIENT_KINDS = ['v1', 'v2 legacy', 'v2'] as const;

export type ClientKind = (typeof CLIENT_KINDS)[number];

/** A client of any generation, with what it was asked and told. */
export interface AnyClient {
  request(
    method: string,
    params?: Record<string, unknown>,
    options?: {
      signal?: AbortSignal;
      onprogress?: (progress: object) => void;
      timeout?: number;
    },
  ): Promise<Record<string, any>>;
  /** Asks for messages of this level and above, by the way of its generation. */
  wantMessages(level: 'debug' | 'info' | 'warning'): Promise<void>;
  questions: Array<{ method: string; params: Record<string, any> }>;
  notifications: Array<{ method: string; params?: Record<string, any> }>;
  close(): Promise<void>;
}

/** Answers what a server asks, by method. */
export type Answer = (question: {
  method: string;
  params: Record<string, any>;
}) => object | Promise<object>;

const CAPABILITIES = {
  elicitation: { form: {}, url: {} },
  sampling: {},
  roots: {},
};

const METHODS = [
  'elicitation/create',
  'sampling/createMessage',
  'roots/list',
] as const;

/** Takes a result as it came, so that tests see everything of it. */
const ANYTHING = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value: unknown) => ({ value: value as Record<string, any> }),
  },
} as const;

/** The same for SDK 1, which wants a schema of zod. */
const ANYTHING_V1 = z.looseObject({}) as never;

/** Connects a client that can answer questions, if it has an answer. */
export async function connectClient(options: {
  kind: ClientKind;
  url: string;
  token?: string;
  answer?: Answer;
  /** Where to send each request; by default to the URL. */
  fetch?: typeof fetch;
}): Promise<AnyClient> {
  const { kind, token, answer } = options;
  const url = new URL(options.url);
  const transport = {
    fetch: options.fetch,
    requestInit: token
      ? { headers: { authorization: `Bearer ${token}` } }
      : undefined,
  };
  const questions: AnyClient['questions'] = [];
  const notifications: AnyClient['notifications'] = [];
  const onQuestion = async (question: any) => {
    questions.push(question);
    return (await answer!(question)) as never;
  };
  const onNotification = async (notification: any) => {
    notifications.push(notification);
  };
  const info = { name: 'test', version: '1' };
  const capabilities = answer ? CAPABILITIES : {};

  if (kind === 'v1') {
    const client = new ClientV1(info, { capabilities });
    if (answer) {
      client.setRequestHandler(ElicitRequestSchema, onQuestion);
      client.setRequestHandler(CreateMessageRequestSchema, onQuestion);
      client.setRequestHandler(ListRootsRequestSchema, onQuestion);
    }
    client.fallbackNotificationHandler = onNotification;
    await client.connect(new TransportV1(url, transport) as never);
    return {
      request: (method, params, more) =>
        client.request({ method, params } as never, ANYTHING_V1, more),
      wantMessages: async level => {
        await client.setLoggingLevel(level);
      },
      questions,
      notifications,
      close: () => client.close(),
    };
  }

  const client = new Client(info, {
    capabilities,
    versionNegotiation: { mode: kind === 'v2' ? 'auto' : 'legacy' },
  });
  if (answer) {
    METHODS.forEach(method => client.setRequestHandler(method, onQuestion));
  }
  client.fallbackNotificationHandler = onNotification;
  await client.connect(new StreamableHTTPClientTransport(url, transport));
  let level: string | undefined;
  return {
    request: (method, params, more) =>
      client.request(
        {
          method,
          params: {
            ...params,
            ...(level && {
              _meta: {
                ...(params?._meta as object),
                [LOG_LEVEL_META_KEY]: level,
              },
            }),
          },
        },
        ANYTHING,
        more,
      ) as Promise<Record<string, any>>,
    wantMessages: async wanted => {
      if (kind === 'v2') {
        level = wanted;
      } else {
        await client.setLoggingLevel(wanted);
      }
    },
    questions,
    notifications,
    close: () => client.close(),
  };
}
