import {
  ProtocolError,
  ProtocolErrorCode,
  Result,
} from '@modelcontextprotocol/client';
import { isError } from '@backstage/errors';
import type { PortalCall } from './PortalCall';

/** Under which the question stands in an `input_required` result; a name that no server uses by chance. */
export const CONNECT = 'prompt-corner.dev/connect';

/** What has to be known of an AuthorizationNeededError. */
interface AuthorizationNeeded {
  message: string;
  url: string;
  elicitationId: string;
}

/** A question to the user, and what it waits for. */
export interface ConnectQuestion {
  result: Result;
  /** Id of the request to connect, which is over once the user has done so. */
  requestId: string;
}

/**
 * Has the client open the page on which its user connects a server, if it said
 * that it can (`elicitation.url`). Who has declined is not asked again.
 *
 * @param cause - why a call was refused
 * @returns undefined when the client can only be told
 * @throws ProtocolError URLElicitationRequired, for protocol revision 2025-11-25
 */
export function askToConnect(
  { client, round }: PortalCall,
  cause: unknown,
): ConnectQuestion | undefined {
  if (
    !isAuthorizationNeeded(cause) ||
    !client.capabilities.elicitation?.url ||
    client.protocolVersion < '2025-11-25' ||
    round?.declinedToConnect
  ) {
    return undefined;
  }
  const { message, url, elicitationId } = cause;
  if (client.protocolVersion < '2026-07-28') {
    throw new ProtocolError(ProtocolErrorCode.UrlElicitationRequired, message, {
      elicitations: [{ mode: 'url', message, url, elicitationId }],
    });
  }
  return {
    requestId: elicitationId,
    result: {
      resultType: 'input_required',
      inputRequests: {
        [CONNECT]: {
          method: 'elicitation/create',
          params: { mode: 'url', message, url },
        },
      },
    },
  };
}

function isAuthorizationNeeded(cause: unknown): cause is AuthorizationNeeded {
  return isError(cause) && cause.name === 'AuthorizationNeededError';
}
