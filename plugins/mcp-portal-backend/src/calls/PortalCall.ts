import type {
  ClientCapabilities,
  Implementation,
} from '@modelcontextprotocol/server';
import type { Result } from '@modelcontextprotocol/client';
import type { Caller } from '../callers/Caller';
import type { Portal } from '../portals';

/** What a caller can do to something that a server offers. */
export type CallAction = 'tools/call' | 'prompts/get' | 'resources/read';

/** The client through which somebody calls. */
export interface CallingClient {
  /** As it says. */
  info?: Implementation;
  capabilities: ClientCapabilities;
  protocolVersion: string;
  /** Its session, or its connection where there are no sessions. */
  session: string;
}

/** A further round of a call that asked the client something (protocol revision 2026-07-28). */
export interface CallRound {
  /** What the client answered, by the keys of the questions. */
  inputResponses?: Record<string, unknown>;
  /** What the server gave to remember. */
  upstreamState?: string;
  /** Of the definition with which the first round was made. */
  pin?: string;
  /** The approval with which the call was let through in the first round. */
  approvalId?: string;
  /** The user did not want to connect the server. */
  declinedToConnect?: boolean;
}

/** One call, from whoever makes it: a client, Code Mode, a Backstage action. */
export interface PortalCall {
  action: CallAction;
  caller: Caller;
  portal: Portal;
  client: CallingClient;
  /** Name of the tool or prompt in the portal, or URI of the resource there. */
  target: string;
  arguments: Record<string, unknown>;
  /** `_meta` of the request, without what belongs to the connection. */
  meta?: Record<string, unknown>;
  round?: CallRound;
  /** Of Code Mode. */
  executionId?: string;
  /** W3C trace id, for the record. */
  traceId?: string;
  signal: AbortSignal;
  /** Aborted when nobody would get the answer any more, though the call goes on. */
  gone?: AbortSignal;
  /** Aborted when it shall not wait for a person any longer. Default: after the configured time. */
  waitNoLonger?: AbortSignal;
  /** Told when it begins to wait for a person; returns what is told when it does no more. */
  onWait?: () => () => void;
  onProgress?: (progress: Record<string, unknown>) => void;
  onNotification?: (notification: {
    method: string;
    params?: Record<string, unknown>;
  }) => void;
  /** Asks the client something, for a server of an older protocol revision. */
  onQuestion?: (request: {
    method: string;
    params?: Record<string, unknown>;
  }) => Promise<Result>;
}
