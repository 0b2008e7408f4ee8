import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { NotificationSendOptions } from '@backstage/plugin-notifications-node';
import { access, call, startApprovals } from './__testUtils__/startApprovals';
import { notifyApprovers } from './notifyApprovers';

const databases = TestDatabases.create({ ids: ['SQLITE_3'] });

async function start() {
  const running = await startApprovals(await databases.init('SQLITE_3'));
  const sent: NotificationSendOptions[] = [];
  const notifications = {
    send: jest.fn(async (options: NotificationSendOptions) => {
      sent.push(options);
    }),
  };
  const logger = mockServices.logger.mock();
  const entityRefOf = jest.fn(async () => 'user:default/alice');
  const notify = notifyApprovers({ notifications, entityRefOf, logger });
  return { ...running, notifications, entityRefOf, sent, logger, notify };
}

describe('notifyApprovers', () => {
  it('tells approvers but who asked where to look, and nothing of the arguments', async () => {
    const { approvals, entityRefOf, notify, sent } = await start();
    const approval = await approvals.request({
      ...call,
      target: 'x'.repeat(500),
      summary: 'Deletes the project shop',
    });
    expect(await notify(approval)).toBe(true);
    expect(entityRefOf).toHaveBeenCalledWith(call.requester);
    expect(sent).toEqual([
      {
        recipients: {
          type: 'entity',
          entityRef: ['group:default/platform-team'],
          excludeEntityRef: 'user:default/alice',
        },
        payload: {
          title: `A call of "${'x'.repeat(80)}…" waits for approval`,
          description: 'On the MCP server "gitlab" in the portal "dev"',
          link: `/mcp-servers/approvals/${approval.id}`,
          severity: 'high',
          topic: 'mcp-approvals',
          scope: `mcp-approval:${approval.id}`,
        },
      },
    ]);
    expect(JSON.stringify(sent)).not.toContain('shop');
  });

  it('tells of requests for access', async () => {
    const { approvals, notify, sent } = await start();
    await notify(await approvals.request(access));
    expect(sent[0].payload).toMatchObject({
      title: 'Somebody asks for access to gitlab',
      severity: 'normal',
    });
    expect(JSON.stringify(sent)).not.toContain('migration');
  });

  it('says when notifications do not work, and sends none to nobody', async () => {
    const { approvals, notify, notifications, logger } = await start();
    notifications.send.mockRejectedValueOnce(new Error('down'));
    expect(await notify(await approvals.request(call))).toBe(false);
    expect(logger.warn).toHaveBeenCalledTimes(1);
    const unnamed = await approvals.request({ ...call, approvers: [] });
    expect(await notify(unnamed)).toBe(true);
    expect(notifications.send).toHaveBeenCalledTimes(1);
  });
});
