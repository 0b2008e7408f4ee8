import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  JSONRPCMessage,
  ProgressToken,
  RequestId,
  Transport,
} from '@modelcontextprotocol/client';

/** More requests than one exchange sends. */
const IDS = 4_096;

/** So many exchanges that two of one session have the same ids as good as never. */
const EXCHANGES = 2 ** 40;

/** For a server that does not even take a cancellation. */
const CANCELLATION_MS = 1_000;

/**
 * Lets several SDK clients, one for each exchange, share a session of a server.
 * Each of them counts its requests from zero, and in a session an id may be
 * used once: these transports give each their own range of numbers.
 *
 * Closing waits until the server was told that a request is cancelled, which the
 * SDK sends and does not wait for.
 *
 * @param transport - not started yet; it is changed
 */
export function sharedSession<T extends Transport>(transport: T): T {
  const first = randomInt(1, EXCHANGES) * IDS;
  const outside = (id: unknown) => (typeof id === 'number' ? first + id : id);
  const inside = (id: unknown) =>
    typeof id === 'number' && id >= first ? id - first : id;
  const { send, close } = transport;
  let deliver: Transport['onmessage'];
  let cancellation: Promise<void> | undefined;

  // The SDK sets it several times: while it shakes hands, and afterwards.
  Object.defineProperty(transport, 'onmessage', {
    get: () => deliver,
    set: (handler: Transport['onmessage']) => {
      deliver =
        handler &&
        ((message, extra) => handler(received(message, inside), extra));
    },
  });
  transport.send = (message, options) => {
    const sent = send.call(transport, outgoing(message, outside), options);
    if ('method' in message && message.method === 'notifications/cancelled') {
      cancellation = sent.catch(() => {});
    }
    return sent;
  };
  transport.close = async () => {
    await Promise.race([cancellation, cancellation && sleep(CANCELLATION_MS)]);
    await close.call(transport);
  };
  return transport;
}

/** Of the portal: requests, and what refers to them. Answers carry ids of the server. */
function outgoing(
  message: JSONRPCMessage,
  idOf: (id: unknown) => unknown,
): JSONRPCMessage {
  // Validated before or after: their kind is all that matters here.
  if ('method' in message && 'id' in message) {
    const token = message.params?._meta?.progressToken;
    return {
      ...message,
      id: idOf(message.id) as RequestId,
      ...(token !== undefined && {
        params: {
          ...message.params,
          _meta: {
            ...message.params?._meta,
            progressToken: idOf(token) as ProgressToken,
          },
        },
      }),
    };
  }
  return 'method' in message ? withParam(message, 'requestId', idOf) : message;
}

/** Of the server: answers, and what refers to requests of the portal. */
function received(
  message: JSONRPCMessage,
  idOf: (id: unknown) => unknown,
): JSONRPCMessage {
  if (!('method' in message)) {
    return { ...message, id: idOf(message.id) } as JSONRPCMessage;
  }
  return message.method === 'notifications/progress'
    ? withParam(message, 'progressToken', idOf)
    : message;
}

function withParam<T extends { params?: object }>(
  message: T,
  name: string,
  idOf: (id: unknown) => unknown,
): T {
  const params = message.params as Record<string, unknown> | undefined;
  return params && name in params
    ? { ...message, params: { ...params, [name]: idOf(params[name]) } }
    : message;
}
