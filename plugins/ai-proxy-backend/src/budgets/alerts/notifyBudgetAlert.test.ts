import { mockServices } from '@backstage/backend-test-utils';
import type { NotificationSendOptions } from '@backstage/plugin-notifications-node';
import type { Budget } from '@prompt-corner/plugin-ai-proxy-common';
import { budgetOf } from '../__testUtils__/TestReplica';
import type { BudgetAlert } from './BudgetAlerts';
import { notifyBudgetAlert } from './notifyBudgetAlert';

const alertOf = (
  changes: Partial<Omit<Budget, 'name'>>,
  others: Partial<BudgetAlert> = {},
): BudgetAlert => ({
  budget: budgetOf({
    name: 'month',
    unit: 'usd',
    limit: 100,
    window: 'month',
    timeZone: 'Europe/Berlin',
    ...changes,
  }),
  bucket: {
    id: 'b1',
    budget: 'month',
    unit: 'usd',
    window: 'month',
    per: 'user',
    value: 'uuid-ada',
    startMs: Date.UTC(2026, 9, 31, 23),
    endMs: Date.UTC(2026, 10, 30, 23),
  },
  percent: 80,
  recipients: { user: 'uuid-ada', others: [] },
  ...others,
});

async function send(alert: BudgetAlert) {
  const sent: NotificationSendOptions[] = [];
  const logger = mockServices.logger.mock();
  await notifyBudgetAlert({
    notifications: { send: async options => void sent.push(options) },
    recipientOf: async uuid =>
      uuid === 'uuid-ada' ? 'user:default/ada' : undefined,
    link: '/ai-usage/budgets',
    logger,
  })(alert);
  return { sent, logger };
}

describe('notifications of budgets', () => {
  it('tell users of their own', async () => {
    const { sent } = await send(alertOf({ per: 'user' }));
    expect(sent).toEqual([
      {
        recipients: { type: 'entity', entityRef: ['user:default/ada'] },
        payload: {
          title: '80 % of the AI budget "month" are used',
          description:
            '$100.00 a month. It begins anew at 2026-12-01 00:00 (Europe/Berlin).',
          link: '/ai-usage/budgets',
          severity: 'normal',
          topic: 'ai-budgets',
          scope: 'ai-budget:b1:80',
        },
      },
    ]);
  });

  it('tell teams of theirs, whom a budget names, and of no user', async () => {
    const { sent } = await send(
      alertOf(
        { per: 'team', soft: true },
        {
          percent: 100,
          recipients: {
            team: 'group:default/a',
            others: ['group:default/finops', 'group:default/a'],
          },
        },
      ),
    );
    expect(sent).toMatchObject([
      {
        recipients: { entityRef: ['group:default/a', 'group:default/finops'] },
        payload: {
          title: 'The AI budget "month" is used up',
          description: expect.stringContaining(
            'a month for group:default/a. It begins anew at 2026-12-01 00:00 (Europe/Berlin). Requests go on',
          ),
          severity: 'high',
        },
      },
    ]);
    expect(JSON.stringify(sent)).not.toContain('ada');
  });

  it('say in the log when there is nobody to tell', async () => {
    for (const recipients of [{ others: [] }, { user: 'gone', others: [] }]) {
      const { sent, logger } = await send(alertOf({}, { recipients }));
      expect(sent).toEqual([]);
      expect(logger.warn).toHaveBeenCalledTimes(1);
    }
  });
});
