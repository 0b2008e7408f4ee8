import type { LoggerService } from '@backstage/backend-plugin-api';
import { isError } from '@backstage/errors';
import { ProtocolError as ServersProtocolError } from '@modelcontextprotocol/client';
import {
  Implementation,
  JSONRPCRequest,
  ProtocolError,
  ProtocolErrorCode,
  Result,
  Server,
  ServerContext,
  ServerOptions,
} from '@modelcontextprotocol/server';

const FAILED =
  'Something went wrong in the portal; try again, and tell an administrator if it stays so';

const SAYING: Record<string, string> = {
  ServiceUnavailableError:
    'The portal cannot do this at the moment, so it did not. Try again in a minute',
};

/** An MCP server whose errors tell clients nothing of what is behind the portal. */
export class PortalServer extends Server {
  readonly #logger: LoggerService;

  constructor(
    info: Implementation,
    options: ServerOptions & { logger: LoggerService },
  ) {
    const { logger, ...rest } = options;
    super(info, rest);
    this.#logger = logger;
  }

  protected override _wrapHandler(
    method: string,
    handler: (request: JSONRPCRequest, ctx: ServerContext) => Promise<Result>,
  ) {
    const wrapped = super._wrapHandler(method, handler);
    return async (request: JSONRPCRequest, ctx: ServerContext) => {
      try {
        return await wrapped(request, ctx);
      } catch (error) {
        ctx.mcpReq.signal.throwIfAborted();
        throw this.#told(method, error);
      }
    };
  }

  #told(method: string, error: unknown): unknown {
    // Calls to servers throw those of the SDK's other package.
    if (
      error instanceof ProtocolError ||
      error instanceof ServersProtocolError
    ) {
      return error;
    }
    const name = isError(error) ? error.name : '';
    this.#logger.warn(`Could not answer ${method}: ${error}`);
    return name === 'UpstreamError' || name === 'AuthorizationNeededError'
      ? new ProtocolError(
          ProtocolErrorCode.InternalError,
          (error as Error).message,
        )
      : new ProtocolError(
          ProtocolErrorCode.InternalError,
          SAYING[name] ?? FAILED,
        );
  }
}
