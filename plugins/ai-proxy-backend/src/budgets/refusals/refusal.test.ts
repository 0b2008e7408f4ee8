import type { BudgetRefusal } from '@prompt-corner/plugin-ai-proxy-common';
import { startWorld } from '../__testUtils__/answeringStore';
import { demandOf, requests } from '../__testUtils__/demands';
import { budgetOf } from '../__testUtils__/TestReplica';
import type { Reservation } from '../Reservation';

describe('a refusal', () => {
  const refuse = async (
    budget: Parameters<typeof budgetOf>[0],
    amount = requests(2),
    spent = 9,
  ) => {
    const { budgets } = startWorld([budgetOf({ limit: 10, ...budget })]);
    const first = await budgets.reserve(demandOf(), requests(spent));
    (first as Reservation).settle(requests(spent));
    return (await budgets.reserve(demandOf(), amount)) as BudgetRefusal;
  };

  it('says which budget, its size, when it begins anew, and what to do', async () => {
    expect(
      await refuse({
        name: 'mine',
        per: 'user',
        unit: 'usd',
        limit: 0.1,
        window: 'month',
        timeZone: 'Europe/Berlin',
      }),
    ).toEqual({
      kind: 'refusal',
      reason: 'used-up',
      status: 429,
      budget: 'mine',
      unit: 'usd',
      limit: 0.1,
      spent: 0.09,
      window: 'month',
      resetsAt: '2026-11-30T23:00:00.000Z',
      retryAfterSeconds: 9 * 86_400 + 1_800,
      message:
        'Your budget "mine" ($0.10 a month) has too little left for this request, which may take $0.02. It begins anew at 2026-12-01 00:00 (Europe/Berlin). Until then use a cheaper model or a smaller maximum of output tokens, or ask an administrator for more.',
    });
  });

  it.each([
    ['team', 'of group:default/platform '],
    ['client', 'of this client '],
    ['none', 'The budget "ours" (10 requests a day) has'],
  ] as const)(
    'of a budget per %s tells nothing of others',
    async (per, text) => {
      const refusal = await refuse({ name: 'ours', per });
      expect(refusal.message).toContain(text);
      expect(refusal).not.toHaveProperty('spent');
      expect(refusal.message).not.toContain('9');
    },
  );

  it('of what can never fit says so', async () => {
    expect(await refuse({ name: 'all' }, requests(11), 0)).toMatchObject({
      reason: 'too-large',
      message: expect.stringContaining('than what this request alone may take'),
    });
  });

  it('of what waits for running requests is for a moment', async () => {
    const { budgets, keeper } = startWorld();
    await keeper.tick();
    await budgets.reserve(demandOf(), requests(9));
    expect(await budgets.reserve(demandOf(), requests(2))).toMatchObject({
      reason: 'held',
      status: 429,
      retryAfterSeconds: 2,
    });
  });
});
