import { mockCredentials } from '@backstage/backend-test-utils';
import type { AuditRecord } from '@prompt-corner/plugin-mcp-portal-common';
import type { TestPortal } from './startPortal';

/** Asks the portal's API as a page does, for a user. */
export async function askAs(
  portal: TestPortal,
  user: string,
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; body: any }> {
  const response = await fetch(`${portal.url}/api/mcp-portal${path}`, {
    method,
    headers: {
      authorization: mockCredentials.user.header(user),
      ...(body && { 'content-type': 'application/json' }),
    },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  if (response.status >= 400 && process.env.DEBUG_PAGES)
    console.log(path, response.status, text);
  return { status: response.status, body: text ? JSON.parse(text) : undefined };
}

/** A user of the tests, known to the portal by this UUID. */
export function addUser(
  portal: TestPortal,
  name: string,
  uuid: string,
  teams: string[] = [],
): string {
  const entityRef = `user:default/${name}`;
  portal.agentAuth.addUser({ entityRef, uuid, teams });
  return entityRef;
}

/** What was recorded, the newest first. */
export async function auditRecords(
  portal: TestPortal,
  query = '',
): Promise<AuditRecord[]> {
  addUser(portal, 'auditor', '5f1c0c5e-0000-4000-8000-00000000aaaa');
  const { body } = await askAs(
    portal,
    'user:default/auditor',
    'GET',
    `/admin/audit/records?limit=200&${query}`,
  );
  return body.items.map(({ record }: { record: AuditRecord }) => record);
}
