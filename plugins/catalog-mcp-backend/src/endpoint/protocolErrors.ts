import type { LoggerService } from '@backstage/backend-plugin-api';
import { isError, toError } from '@backstage/errors';
import {
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
} from '@modelcontextprotocol/server';
import { messageFor } from '../errors/toolErrors';

/**
 * Turns whatever a request other than a tool call failed with into the
 * protocol's own error, without details that are for the log only.
 *
 * @param uri - the resource asked for, if it was one
 */
export function toProtocolError(
  cause: unknown,
  logger: LoggerService,
  uri?: string,
): ProtocolError {
  if (cause instanceof ProtocolError) {
    return cause;
  }
  const message = messageFor(cause);
  if (message === undefined) {
    logger.error('An MCP request failed', toError(cause));
    return new ProtocolError(
      ProtocolErrorCode.InternalError,
      'The request failed for a reason of its own, which is in the log of the portal',
    );
  }
  const name = isError(cause) ? cause.name : '';
  if (name === 'ServiceUnavailableError') {
    return new ProtocolError(ProtocolErrorCode.InternalError, message);
  }
  return uri === undefined
    ? new ProtocolError(ProtocolErrorCode.InvalidParams, message)
    : new ResourceNotFoundError(uri, message);
}
