import type { ServerContext } from '@modelcontextprotocol/server';
import type {
  AuditAction,
  AuditFinding,
  AuditOutcome,
  AuditRecord,
} from '@prompt-corner/plugin-mcp-portal-common';
import { recordedCaller } from '../calls';
import { clientOf } from './callOf';
import type { PortalRequest } from './PortalRequest';

/** What a caller is given that is no answer to a call through the portal. */
export interface RecordedAnswer<T extends object = object> {
  result: T;
  /** Of the result, as JSON; when it is known already. */
  resultBytes?: number;
  findings?: AuditFinding[];
  /** What it is about, when it is one thing. */
  server?: string;
  target?: string;
  /** When it is not what the result says. */
  outcome?: AuditOutcome;
  /** Of Code Mode. */
  executionId?: string;
}

/**
 * The audit record of such an answer.
 *
 * @param started - by `performance.now()`
 */
export function answerRecord(
  action: AuditAction,
  request: PortalRequest,
  ctx: ServerContext,
  answer: RecordedAnswer,
  started: number,
): AuditRecord {
  const { result, findings, server, target, executionId } = answer;
  const { caller, portal, traceId } = request;
  const client = clientOf(request, ctx);
  return {
    at: new Date().toISOString(),
    action,
    outcome: answer.outcome ?? outcomeOf(result),
    caller: recordedCaller(caller, client),
    protocolVersion: client.protocolVersion,
    portal: portal.name,
    server,
    target,
    durationMs: performance.now() - started,
    resultBytes:
      answer.resultBytes ?? Buffer.byteLength(JSON.stringify(result)),
    traceId,
    executionId,
    ...(findings?.length && { findings }),
  };
}

function outcomeOf(result: object): AuditOutcome {
  return 'isError' in result && result.isError ? 'tool_error' : 'ok';
}
