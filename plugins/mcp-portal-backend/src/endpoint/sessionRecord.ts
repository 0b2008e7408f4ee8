import type { Implementation } from '@modelcontextprotocol/server';
import type { AuditRecord } from '@prompt-corner/plugin-mcp-portal-common';
import { recordedCaller } from '../calls';
import type { PortalRequest } from './PortalRequest';

/**
 * The audit record of a sign-in to a portal: of a client that begins a session,
 * or, since protocol revision 2026-07-28, asks what the portal can do.
 */
export function sessionRecord(
  { caller, portal, traceId }: PortalRequest,
  client: { info?: Implementation; protocolVersion: string },
): AuditRecord {
  return {
    at: new Date().toISOString(),
    action: 'session',
    outcome: 'ok',
    caller: recordedCaller(caller, client),
    protocolVersion: client.protocolVersion,
    portal: portal.name,
    traceId,
  };
}
