import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  isInitializeRequest,
  isJSONRPCErrorResponse,
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  JSONRPCRequest,
  MessageExtraInfo,
  SUPPORTED_PROTOCOL_VERSIONS,
} from '@modelcontextprotocol/server';
import { sendRpcError } from '@prompt-corner/mcp-endpoint';
import type { Request, Response } from 'express';
import type {
  ClientMessages,
  ClientSession,
  ClientSessions,
} from '../sessions';
import type { CallEnds } from './CallEnds';
import { createMcpServer, McpServerParts } from './createMcpServer';
import { EventStream } from './EventStream';
import type { ListChanges } from './ListChanges';
import { LegacyExchange } from './LegacyExchange';
import type { PortalRequest } from './PortalRequest';
import type { QuestionIds } from './QuestionIds';
import type { ResourceChanges } from './ResourceChanges';
import { sessionRecord } from './sessionRecord';
import { whileCurrent } from './whileCurrent';

const SESSION_HEADER = 'mcp-session-id';

/** Stored with each session. */
const MAX_CLIENT_LENGTH = 16_384;

/** As the SDK answers it, so that clients begin a new session. */
const SESSION_NOT_FOUND = -32001;

/** A portal's own versions; the newer revision has another endpoint. */
const VERSIONS = SUPPORTED_PROTOCOL_VERSIONS.filter(
  version => version < '2026-',
);

/**
 * Serves clients of protocol revision 2025-11-25 and older, with sessions that
 * live in the database: any replica serves any request of a session.
 */
export class LegacyEndpoint {
  readonly #parts: McpServerParts;
  readonly #sessions: ClientSessions;
  readonly #messages: ClientMessages;
  readonly #listChanges: ListChanges;
  readonly #resourceChanges: ResourceChanges;
  readonly #logger: LoggerService;
  readonly #questions: QuestionIds;
  readonly #callEnds: CallEnds;

  constructor(options: {
    parts: McpServerParts;
    sessions: ClientSessions;
    messages: ClientMessages;
    listChanges: ListChanges;
    resourceChanges: ResourceChanges;
    logger: LoggerService;
    questions: QuestionIds;
    callEnds: CallEnds;
  }) {
    this.#callEnds = options.callEnds;
    this.#questions = options.questions;
    this.#parts = options.parts;
    this.#sessions = options.sessions;
    this.#messages = options.messages;
    this.#listChanges = options.listChanges;
    this.#resourceChanges = options.resourceChanges;
    this.#logger = options.logger;
  }

  /** @param message - the body of a `POST` */
  async serve(
    admitted: PortalRequest,
    request: Request,
    response: Response,
    message: unknown,
  ): Promise<void> {
    const version = request.header('mcp-protocol-version');
    if (version !== undefined && !VERSIONS.includes(version)) {
      sendRpcError(
        response.status(400),
        `Protocol version ${JSON.stringify(
          version.slice(0, 32),
        )} is not supported; there are ${VERSIONS.join(', ')} and 2026-07-28`,
      );
      return;
    }
    const id = request.header(SESSION_HEADER);
    if (request.method === 'POST' && isInitializeRequest(message)) {
      await this.#begin(
        admitted,
        response,
        message as unknown as JSONRPCRequest,
      );
      return;
    }
    const session = id ? await this.#find(id, admitted) : undefined;
    if (id && !session) {
      sendRpcError(
        response.status(404),
        'There is no such session; begin a new one',
        SESSION_NOT_FOUND,
      );
      return;
    }
    switch (request.method) {
      case 'POST':
        await this.#post({ ...admitted, session }, response, message);
        return;
      case 'GET':
        await this.#listen({ ...admitted, session }, response);
        return;
      case 'DELETE':
        if (session) {
          await this.#sessions.end(session);
        }
        response.status(session ? 204 : 400).end();
        return;
      default:
        response.status(405).set('allow', 'GET, POST, DELETE').end();
    }
  }

  async #begin(
    admitted: PortalRequest,
    response: Response,
    message: JSONRPCRequest,
  ): Promise<void> {
    const { capabilities, clientInfo } = message.params as never;
    const said = JSON.stringify({ capabilities, clientInfo });
    if (said.length > MAX_CLIENT_LENGTH) {
      sendRpcError(
        response.status(400),
        `What the client says of itself has more than ${MAX_CLIENT_LENGTH} characters`,
        -32602,
      );
      return;
    }
    const { audit } = this.#parts;
    const exchange = new LegacyExchange({
      id: this.#questions.make(''),
      request: message,
      response,
      onQuestion: () => {},
      onResult: async answer => {
        const result = 'result' in answer ? answer.result : undefined;
        if (!result) {
          return;
        }
        const protocolVersion = String(result.protocolVersion);
        audit.assertAvailable();
        const id = await this.#sessions.open({
          ...ownerOf(admitted),
          protocolVersion,
          client: { info: clientInfo, capabilities },
          subscriptions: [],
        });
        await audit.append(
          sessionRecord(admitted, { info: clientInfo, protocolVersion }),
        );
        response.set(SESSION_HEADER, id);
      },
    });
    await this.#exchange(admitted, exchange, undefined);
  }

  async #post(
    admitted: PortalRequest,
    response: Response,
    message: unknown,
  ): Promise<void> {
    const { session } = admitted;
    if (isJSONRPCRequest(message)) {
      await this.#request(admitted, response, message);
      return;
    }
    const address = session?.idHash;
    if (isJSONRPCNotification(message)) {
      const { requestId } = (message.params ?? {}) as { requestId?: unknown };
      if (address && message.method === 'notifications/cancelled') {
        await this.#messages.deliver(
          { session: address, subject: `cancel:${requestId}` },
          {},
        );
      }
      response.status(202).end();
      return;
    }
    if (isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) {
      if (address && this.#questions.isGenuine(address, message.id)) {
        await this.#messages.deliver(
          { session: address, subject: `answer:${message.id}` },
          message,
        );
      }
      response.status(202).end();
      return;
    }
    sendRpcError(
      response.status(400),
      'The message is no JSON-RPC 2.0 message',
      -32600,
    );
  }

  async #request(
    admitted: PortalRequest,
    response: Response,
    message: JSONRPCRequest,
  ): Promise<void> {
    const { session } = admitted;
    const over = new AbortController();
    const gone = new AbortController();
    const isCall = session && message.method === 'tools/call';
    const exchange = new LegacyExchange({
      id: this.#questions.make(session?.idHash ?? ''),
      request: message,
      response,
      onQuestion: id => {
        if (session) {
          this.#wait(session, `answer:${id}`, over.signal, answer =>
            exchange.answer(id, answer as Record<string, unknown>),
          );
        }
      },
      // Other requests only read, which is of no use to anybody then.
      ...(isCall && { onGone: () => gone.abort() }),
    });
    if (isCall) {
      this.#callEnds.watch({
        session,
        requestId: message.id,
        cancel: reason => exchange.cancel(reason),
        gone: gone.signal,
        over: over.signal,
      });
    }
    try {
      await this.#exchange(
        { ...admitted, gone: gone.signal },
        exchange,
        session,
      );
    } finally {
      over.abort();
    }
  }

  async #exchange(
    admitted: PortalRequest,
    exchange: LegacyExchange,
    session: ClientSession | undefined,
  ): Promise<void> {
    const server = createMcpServer(this.#parts, admitted, 'legacy');
    server.onerror = error =>
      this.#logger.debug(`MCP request refused: ${error.message}`);
    await server.connect(exchange);
    const extra: MessageExtraInfo = {};
    await exchange.serve(
      session && {
        protocolVersion: session.protocolVersion,
        capabilities: session.client.capabilities,
        clientInfo: session.client.info,
      },
      extra,
    );
  }

  /** The stream on which a server speaks by itself. */
  async #listen(admitted: PortalRequest, response: Response): Promise<void> {
    const { session } = admitted;
    if (!session) {
      response.status(405).set('allow', 'POST').end();
      return;
    }
    const stream = new EventStream(response);
    stream.begin();
    const gone = new AbortController();
    stream.onClose(() => gone.abort());
    whileCurrent(admitted, response);
    const notify = (method: string, params?: Record<string, unknown>) =>
      stream.send({ jsonrpc: '2.0', method, ...(params && { params }) });
    this.#listChanges.watch(
      admitted,
      kind => notify(`notifications/${kind}/list_changed`),
      gone.signal,
    );
    this.#resourceChanges.watch(
      admitted,
      async () => (await this.#sessions.current(session))?.subscriptions ?? [],
      uri => notify('notifications/resources/updated', { uri }),
      gone.signal,
    );
  }

  #find(
    id: string,
    admitted: PortalRequest,
  ): Promise<ClientSession | undefined> {
    return this.#sessions.find(id, ownerOf(admitted));
  }

  #wait(
    session: ClientSession,
    subject: string,
    signal: AbortSignal,
    then: (message: unknown) => void,
  ): void {
    this.#messages
      .wait({ session: session.idHash, subject }, signal)
      .then(then, () => {
        // The request is over.
      });
  }
}

function ownerOf({ caller, portal }: PortalRequest) {
  return {
    portal: portal.name,
    callerUuid: caller.uuid,
    connectionId: caller.connectionId,
  };
}
