import type { ServerRemote } from '@prompt-corner/plugin-mcp-portal-common';
import type { ServerRecord } from '../ServerRecord';

/** Approved ones for an approved server; before that, what the catalog says and the approver is looking at. */
export function remotesToContact(server: ServerRecord): ServerRemote[] {
  return server.status === 'approved'
    ? server.approvedRemotes!
    : server.catalog.remotes;
}
