import { authServiceFactory } from '@backstage/backend-defaults/auth';
import { httpAuthServiceFactory } from '@backstage/backend-defaults/httpAuth';
import { startPortal, TestPortal } from '../__testUtils__/startPortal';
import { startToolServer, ToolServer } from '../__testUtils__/toolServer';

jest.setTimeout(60_000);

const PERMISSION = 'mcp-portal.admin.audit.read';

/** External access, as in docs/audit.md. */
const access = (name: string, ...accessRestrictions: object[]) => ({
  type: 'static',
  options: { token: `token-of-${name}`, subject: name },
  ...(accessRestrictions.length && { accessRestrictions }),
});

describe('A job without a user', () => {
  let tracker: ToolServer;
  let portal: TestPortal;
  beforeAll(async () => {
    tracker = await startToolServer([]);
    portal = await startPortal({
      servers: { tracker: tracker.url },
      features: [authServiceFactory, httpAuthServiceFactory],
      backend: {
        auth: {
          externalAccess: [
            access('export', { plugin: 'mcp-portal', permission: PERMISSION }),
            access('everything'),
            access('reader', {
              plugin: 'mcp-portal',
              permissionAttribute: { action: 'read' },
            }),
          ],
        },
      },
    });
  });
  afterAll(async () => {
    await portal?.stop();
    await tracker?.stop();
  });

  const ask = (name: string, path: string, init: RequestInit = {}) =>
    fetch(`${portal.url}/api/mcp-portal${path}`, {
      ...init,
      headers: { authorization: `Bearer token-of-${name}`, ...init.headers },
    });

  it('exports and verifies the trail when its access names the permission', async () => {
    const today = new Date().toISOString().slice(0, 10);
    const path = `/admin/audit/export?from=${today}&to=${today}`;
    const exported = await ask('export', path);
    expect(exported.status).toBe(200);
    const { heads } = JSON.parse(
      (await exported.text()).trimEnd().split('\n').at(-1)!,
    );
    expect(heads).toHaveLength(1);
    const verified = await ask('export', '/admin/audit/verify', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ anchors: heads }),
    });
    expect(
      JSON.parse((await verified.text()).trimEnd().split('\n').at(-1)!),
    ).toMatchObject({ type: 'result', ok: true });
    for (const name of ['everything', 'reader']) {
      expect([name, (await ask(name, path)).status]).toEqual([name, 403]);
    }
    expect((await ask('export', '/admin/credentials')).status).toBe(403);
  });
});
