import type { Approvals } from '../approvals';
import type { PortalGuards } from '../guards';
import { HeldCall, HeldCalls } from './HeldCalls';

describe('a call that a person has approved', () => {
  it('leaves its approval when it was cancelled before it is made', async () => {
    const used: string[] = [];
    const approvals = {
      request: async () => ({ id: 'a', state: 'approved' }),
      consume: async (id: string) => used.push(id) > 0,
    } as unknown as Approvals;
    const held = new HeldCalls({
      approvals,
      guards: { forPeople: (value: unknown) => value } as PortalGuards,
      waitMs: 1_000,
      pageUrl: 'http://localhost/approvals',
    });
    const heldCall = (cancel: AbortController, assertReady: () => void) =>
      ({
        call: {
          caller: { uuid: 'ada', client: {} },
          portal: { name: 'default' },
          client: {},
          signal: cancel.signal,
        },
        target: { server: { name: 'tracker' } },
        decision: { policies: [] },
        assertReady: async () => assertReady(),
      } as unknown as HeldCall);

    const cancel = new AbortController();
    await expect(
      held.pass(heldCall(cancel, () => cancel.abort())),
    ).rejects.toThrow('abort');
    expect(used).toEqual([]);
    expect(await held.pass(heldCall(new AbortController(), () => {}))).toBe(
      'a',
    );
    expect(used).toEqual(['a']);
  });
});
