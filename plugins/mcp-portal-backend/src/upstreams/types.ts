import type { ClientCapabilities, Result } from '@modelcontextprotocol/client';
import type { ServerRemote } from '@prompt-corner/plugin-mcp-portal-common';
import type { Caller } from '../callers/Caller';
import type { RefusedCredential } from '../credentials';
import type { SignInTarget } from './SignInTarget';

/** A server that is asked something. */
export interface UpstreamServer {
  entityRef: string;
  name: string;
  /** At least one. */
  remotes: ServerRemote[];
}

/** The client for which a server is asked. */
export interface ClientBehind {
  /** Its session, or its connection where there are no sessions. */
  session: string;
  /** What it can do for a server: nothing else is offered to servers. */
  capabilities: ClientCapabilities;
}

/** One request to a server. */
export interface UpstreamRequest {
  server: UpstreamServer;
  caller: Caller;
  client: ClientBehind;
  method: string;
  params: Record<string, unknown>;
  /** Of the tool that is called: says which arguments are headers too. */
  toolDefinition?: Record<string, unknown>;
  /** Whether nothing happens twice when it is sent twice. */
  repeatable: boolean;
  signal: AbortSignal;
  /** Without any sign of life from the server. */
  timeoutMs: number;
  onProgress?: (progress: Record<string, unknown>) => void;
  onNotification?: (notification: {
    method: string;
    params?: Record<string, unknown>;
  }) => void;
  /** Answers what a server of an older protocol revision asks the client. */
  onRequest?: (request: {
    method: string;
    params?: Record<string, unknown>;
  }) => Promise<Result>;
}

/** How the portal signs in at a server. */
export interface UpstreamSignIn {
  /**
   * Headers that carry the credential.
   *
   * @throws AuthorizationNeededError when the user has to connect the server first
   */
  headersFor(
    server: SignInTarget,
    caller: Caller,
  ): Promise<Record<string, string>>;
  /**
   * Told of a refusal: says whether there is a better credential now.
   *
   * @throws AuthorizationNeededError when the user has to connect the server, or to grant it more
   */
  refused(
    server: SignInTarget,
    caller: Caller,
    refused: RefusedCredential,
  ): Promise<'retry' | 'authorize'>;
  /** What a user let the portal do there; undefined where that is not up to users, or nobody said. */
  grantedScopes(
    server: SignInTarget,
    caller: Caller,
  ): Promise<readonly string[] | undefined>;
  /** Where users connect the server, and choose what it is for. */
  connectUrlOf(server: Pick<SignInTarget, 'name'>): string;
  /** Whose credential it is: sessions with the server are never shared between two of these. */
  partitionOf(server: SignInTarget, caller: Caller): string;
}
