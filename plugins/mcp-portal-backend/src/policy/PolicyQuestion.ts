import type { ToolClass } from '@prompt-corner/plugin-mcp-portal-common';
import type { Caller } from '../callers/Caller';

/** What policy is asked about, as policies name it. */
export type PolicyAction = 'call_tool' | 'get_prompt' | 'read_resource';

/** What policies can read of a server. */
export interface PolicyServer {
  /** Its name in tool names. */
  name: string;
  entityRef: string;
  /** Full entity ref of the owner; policies see it only when it is a group. */
  owner?: string;
  /** Full entity ref. */
  system?: string;
  /** Full entity ref. */
  domain?: string;
  /** Tags of the catalog entity. */
  tags: string[];
}

/** What a caller wants to use. */
export interface PolicyTarget {
  server: PolicyServer;
  /** The server's own name of the tool or prompt, or the URI of the resource. */
  name: string;
  /** Of a tool; one without a class counts as destructive. */
  toolClass?: ToolClass;
  /** Classes of tools of this server that approved requests for access give the caller now. */
  granted?: ToolClass[];
}

/** Of a caller, what policies can read. */
export type PolicyCaller = Pick<
  Caller,
  | 'kind'
  | 'uuid'
  | 'entityRef'
  | 'teams'
  | 'client'
  | 'scopes'
  | 'claims'
  | 'network'
>;

/** May this caller do this, now? */
export interface PolicyQuestion {
  caller: PolicyCaller;
  /** Name of the portal. */
  portal: string;
  action: PolicyAction;
  target: PolicyTarget;
  /** As the client sent them. */
  arguments?: Record<string, unknown>;
  /** Default: the time of the question. */
  now?: Date;
}
