import type { ServerContext } from '@modelcontextprotocol/server';
import type {
  AuditAction,
  AuditRecord,
} from '@prompt-corner/plugin-mcp-portal-common';
import { recordedCaller } from '../calls';
import { clientOf } from './callOf';
import type { PortalRequest } from './PortalRequest';

/**
 * The audit record of a list that a caller was given.
 *
 * @param started - by `performance.now()`
 */
export function listRecord(
  action: AuditAction,
  request: PortalRequest,
  ctx: ServerContext,
  result: object,
  started: number,
): AuditRecord {
  const { caller, portal, traceId } = request;
  const client = clientOf(request, ctx);
  return {
    at: new Date().toISOString(),
    action,
    outcome: 'ok',
    caller: recordedCaller(caller, client),
    protocolVersion: client.protocolVersion,
    portal: portal.name,
    durationMs: performance.now() - started,
    resultBytes: Buffer.byteLength(JSON.stringify(result)),
    traceId,
  };
}
