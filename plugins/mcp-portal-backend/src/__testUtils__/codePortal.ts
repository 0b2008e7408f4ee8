import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { BackendFeature } from '@backstage/backend-plugin-api';
import type { CallToolResult } from '@modelcontextprotocol/client';
import { EXECUTE } from '../codeMode';
import { addUser, askAs } from './pages';
import { startPortal, TestPortal } from './startPortal';
import { startToolServer, ToolServer } from './toolServer';

const POLICIES = `
@id("free")
permit (principal, action == Action::"call_tool", resource)
unless { resource.name == "close_issue" };

@id("ask")
@approval("group:default/platform-team")
permit (principal, action == Action::"call_tool", resource)
when { resource.name == "close_issue" };
`;

/** A portal with a tracker, in which closing an issue has to be approved. */
export interface CodePortal {
  portal: TestPortal;
  tracker: ToolServer;
  /** `started` when `create_slowly` works, which ends with `finish`. */
  events: EventEmitter;
  /** Runs code. */
  execute(
    code: string,
    options?: { uuid?: string; era?: 'auto' | 'legacy' },
  ): Promise<{ text: string; isError: boolean; id: string }>;
  /** Until a call waits for a person. */
  somethingWaits(): Promise<void>;
  /** Decides everything that waits, as soon as something does. */
  decide(decision: 'approve' | 'deny'): Promise<void>;
  /** Names of the tools that were called, in their order. */
  called(): string[];
  /** Of an execution of a user, as the pages have it. */
  executionOf(user: string, id: string): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}

/**
 * Starts one.
 *
 * @param options.holdMs - for which a request waits
 * @param options.tracker - of another one, to share it
 */
export async function startCodePortal(options: {
  holdMs: number;
  limits?: object;
  features?: BackendFeature[];
  tracker?: ToolServer;
}): Promise<CodePortal> {
  const events = new EventEmitter();
  const tracker =
    options.tracker ??
    (await startToolServer([
      { name: 'create_issue', run: ({ title }) => JSON.stringify({ title }) },
      {
        name: 'create_slowly',
        run: async () => {
          events.emit('started');
          await once(events, 'finish');
          return '"created"';
        },
      },
      { name: 'close_issue', run: () => '"closed"' },
    ]));
  const portal = await startPortal({
    servers: { tracker: tracker.url },
    features: options.features,
    config: {
      policy: { default: false, policies: POLICIES },
      portals: { default: {}, code: { codeMode: 'enforced' } },
      calls: { hold: { milliseconds: options.holdMs } },
      codeMode: { limits: options.limits ?? {} },
    },
  });
  const boss = addUser(portal, 'boss', randomUUID(), [
    'group:default/platform-team',
  ]);
  const pending = async (): Promise<string[]> => {
    for (let tries = 0; tries < 200; tries++) {
      const path = '/approvals?state=pending';
      const { body } = await askAs(portal, boss, 'GET', path);
      if (body.items.length) {
        return body.items.map(({ id }: { id: string }) => id);
      }
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    throw new Error('Nothing waits for an approval');
  };
  return {
    portal,
    tracker,
    events,
    async execute(code, { uuid, era = 'auto' } = {}) {
      const client = await portal.connect({ uuid }, { portal: 'code', era });
      try {
        const { content, isError, _meta } = (await client.callTool({
          name: EXECUTE.name,
          arguments: { code },
        })) as CallToolResult;
        return {
          text: content
            .map(block => (block.type === 'text' ? block.text : ''))
            .join('\n'),
          isError: isError === true,
          id: _meta?.['prompt-corner.dev/execution'] as string,
        };
      } finally {
        await client.close();
      }
    },
    async somethingWaits() {
      await pending();
    },
    async decide(decision) {
      for (const id of await pending()) {
        const path = `/approvals/${id}/decide`;
        await askAs(portal, boss, 'POST', path, { decision });
      }
    },
    called: () => tracker.calls.map(({ name }) => name),
    async executionOf(user, id) {
      const path = `/executions/${id}`;
      return (await askAs(portal, user, 'GET', path)).body?.execution;
    },
    async stop() {
      await portal.stop();
      if (!options.tracker) {
        await tracker.stop();
      }
    },
  };
}
