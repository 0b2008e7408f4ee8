import type { Caller } from '../callers/Caller';
import { RefusalThrottle } from './RefusalThrottle';

const caller = (uuid: string, kind: Caller['kind'] = 'user') =>
  ({ uuid, kind } as Caller);
const ada = caller('ada');
const bob = caller('bob');

describe('RefusalThrottle', () => {
  beforeEach(() => {
    // The cache holds on to the `performance` that there was when it was loaded.
    jest.useFakeTimers({ doNotFake: ['performance'] });
    jest.spyOn(performance, 'now').mockImplementation(() => Date.now());
  });
  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  function start() {
    const throttle = new RefusalThrottle();
    const recorded: string[] = [];
    const refuse = (
      who: Caller,
      { stage = 'rate-limit', portal = 'dev' } = {},
    ) =>
      throttle.once({ stage, portal, caller: who }, async () => {
        recorded.push(who.uuid);
      });
    return { throttle, recorded, refuse };
  }

  it('lets one record through in a minute, and the next one after it', async () => {
    const { recorded, refuse } = start();
    for (let times = 0; times < 5; times++) {
      await refuse(ada);
      jest.advanceTimersByTime(11_000);
    }
    expect(recorded).toEqual(['ada']);
    jest.advanceTimersByTime(6_000);
    await refuse(ada);
    expect(recorded).toEqual(['ada', 'ada']);
  });

  it('swallows nothing else: another caller, portal or reason', async () => {
    const { recorded, refuse } = start();
    await refuse(ada);
    await refuse(bob);
    await refuse(ada, { portal: 'other' });
    await refuse(ada, { stage: 'admission' });
    expect(recorded).toEqual(['ada', 'bob', 'ada', 'ada']);
  });

  it('records nothing of who has no token', async () => {
    const { recorded, refuse } = start();
    await refuse(caller('192.0.2.1', 'anonymous'));
    expect(recorded).toEqual([]);
  });

  it('lets the next one through when one could not be recorded', async () => {
    const { throttle, recorded, refuse } = start();
    const failing = throttle.once(
      { stage: 'rate-limit', portal: 'dev', caller: ada },
      async () => {
        throw new Error('The audit trail is away');
      },
    );
    await expect(failing).rejects.toThrow('away');
    await refuse(ada);
    expect(recorded).toEqual(['ada']);
  });
});
