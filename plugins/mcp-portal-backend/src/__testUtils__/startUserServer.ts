import { randomUUID } from 'node:crypto';
import {
  startAuthorizationServer,
  TestAuthorizationServer,
} from '../credentials/__testUtils__/startAuthorizationServer';
import {
  ProtectedServer,
  startProtectedServer,
} from '../credentials/__testUtils__/startProtectedServer';
import { TestBrowser } from '../credentials/__testUtils__/TestBrowser';
import { addUser, askAs } from './pages';
import { serverEntity, startPortal, TestPortal } from './startPortal';
import type { TestTool } from './toolServer';

/** A user of a test: at the pages, in a browser, and as whom agents come. */
export interface TestUser {
  name: string;
  entityRef: string;
  uuid: string;
  browser: TestBrowser;
  ask(
    method: string,
    path: string,
    body?: object,
  ): Promise<{ status: number; body: any }>;
  /** Connects the server `tracker`. @param requestId - of a link */
  connect(requestId?: string): Promise<void>;
}

/** A portal with the server `tracker`, at which each user signs in, and which somebody has proposed. */
export interface UserServer {
  as: TestAuthorizationServer;
  tracker: ProtectedServer;
  portal: TestPortal;
  proposer: TestUser;
  /** A new one, or one who is known by another UUID from now on. */
  user(name: string): TestUser;
  /** Has an approver connect, inspect and approve it, as the server suggests. */
  approve(approver: TestUser): Promise<void>;
  stop(): Promise<void>;
}

/** @param options.config - `mcpPortal`, besides what the test needs */
export async function startUserServer(options: {
  tools: TestTool[];
  config?: Record<string, unknown>;
  mayDo?: (entityRef: string, permission: string) => boolean;
}): Promise<UserServer> {
  const as = await startAuthorizationServer();
  const tracker = await startProtectedServer(as, options.tools);
  const portal = await startPortal({
    servers: {},
    entities: [serverEntity('tracker', tracker.url)],
    config: { outbound: { trustedHosts: [as.host] }, ...options.config },
    mayDo: options.mayDo,
  });
  const baseUrl = `${portal.url}/api/mcp-portal`;

  function user(name: string): TestUser {
    const uuid = randomUUID();
    const entityRef = addUser(portal, name, uuid);
    const browser = new TestBrowser({ baseUrl }, entityRef);
    return {
      name,
      entityRef,
      uuid,
      browser,
      ask: (method, path, body) => askAs(portal, entityRef, method, path, body),
      connect: requestId =>
        browser.connect('tracker', `${name}@tracker`, requestId),
    };
  }

  const proposer = user('proposer');
  // The catalog has to know it first.
  for (let status = 404; status === 404; ) {
    await proposer.ask('POST', '/servers/refresh', {});
    ({ status } = await proposer.ask('GET', '/servers/tracker'));
  }
  const admin = user('admin');
  await admin.ask('PUT', '/admin/credentials/tracker', { mode: 'oauth' });
  await proposer.ask('POST', '/servers/tracker/propose', {});

  return {
    as,
    tracker,
    portal,
    proposer,
    user,
    async approve(approver) {
      await approver.connect();
      await approver.ask('POST', '/servers/tracker/inspect', {});
      const { body } = await approver.ask(
        'GET',
        '/servers/tracker/definitions',
      );
      await approver.ask('POST', '/servers/tracker/approve', {
        definitions: body.items.map(({ kind, key, pin, toolClass }: any) => ({
          kind,
          key,
          pin,
          toolClass,
        })),
      });
    },
    async stop() {
      await portal.stop();
      await tracker.stop();
      await as.stop();
    },
  };
}
