import { ConfigReader } from '@backstage/config';
import { readApprovalsConfig } from './config';

const read = (approvals: object) =>
  readApprovalsConfig(new ConfigReader({ mcpPortal: { approvals } as never }));

describe('readApprovalsConfig', () => {
  it('has defaults', () => {
    expect(readApprovalsConfig(new ConfigReader({}))).toEqual({
      pendingMs: { call: 900_000, access: 1_209_600_000 },
      approvedCallMs: 900_000,
      maxAccessMs: 7_776_000_000,
      maxPending: 50,
      keepMs: 7_776_000_000,
    });
  });

  it('reads durations', () => {
    const config = read({
      callsWaitFor: { minutes: 5 },
      accessWaitsFor: '3d',
      approvedCallsLast: 'PT1M',
      longestAccess: { days: 7 },
      keepFor: { days: 30 },
      maxPending: 3,
    });
    expect(config).toEqual({
      pendingMs: { call: 300_000, access: 259_200_000 },
      approvedCallMs: 60_000,
      maxAccessMs: 604_800_000,
      maxPending: 3,
      keepMs: 2_592_000_000,
    });
  });

  it.each([
    [{ callsWaitFor: { seconds: 0 } }, 'callsWaitFor has to be 1 second'],
    [{ maxPending: 0 }, 'maxPending has to be a whole number'],
    [{ maxPending: 1.5 }, 'maxPending has to be a whole number'],
  ])('refuses %j', (config, message) => {
    expect(() => read(config)).toThrow(`mcpPortal.approvals.${message}`);
  });
});
