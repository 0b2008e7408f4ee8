import type { CallToolResult } from '@modelcontextprotocol/server';
import type {
  AuditFinding,
  AuditOutcome,
} from '@prompt-corner/plugin-mcp-portal-common';
import type { Caller } from '../callers/Caller';
import type { CallingClient } from '../calls';
import type { Portal } from '../portals';

/** Who runs code, and how the client hears of it. */
export interface CodeRequest {
  caller: Caller;
  portal: Portal;
  client: CallingClient;
  /** W3C trace id. */
  traceId?: string;
  signal: AbortSignal;
  /** Aborted when the client has lost its connection. */
  gone?: AbortSignal;
  onProgress?: (progress: Record<string, unknown>) => void;
}

/** What the client is answered, and what is recorded of it. */
export interface CodeAnswer {
  result: CallToolResult;
  findings?: AuditFinding[];
  executionId?: string;
  /** When it is not what the result says. */
  outcome?: AuditOutcome;
}
