import { ConfigReader } from '@backstage/config';
import { readUsageConfig } from './config';

const read = (usage?: object) =>
  readUsageConfig(new ConfigReader({ aiProxy: { usage: usage as any } }));

describe('aiProxy.usage', () => {
  it('has defaults', () => {
    expect(readUsageConfig(new ConfigReader({}))).toEqual({
      retentionDays: 30,
      rollupRetentionDays: 400,
      maxQueuedEvents: 50_000,
    });
    expect(read({ retention: { days: 500 } })).toMatchObject({
      retentionDays: 500,
      rollupRetentionDays: 500,
    });
    expect(
      read({ retention: 'P7D', rollupRetention: '90d', maxQueuedEvents: 10 }),
    ).toEqual({
      retentionDays: 7,
      rollupRetentionDays: 90,
      maxQueuedEvents: 10,
    });
  });

  it.each([
    [
      { retention: { hours: 3 } },
      'aiProxy.usage.retention has to be whole days',
    ],
    [{ rollupRetention: { days: 0 } }, 'aiProxy.usage.rollupRetention'],
    [
      { retention: { days: 60 }, rollupRetention: { days: 30 } },
      'at least as long as aiProxy.usage.retention, which is 60 days',
    ],
    [{ maxQueuedEvents: 0 }, 'aiProxy.usage.maxQueuedEvents'],
    [{ maxQueuedEvents: 1.5 }, 'aiProxy.usage.maxQueuedEvents'],
  ])('says what is wrong with %j', (usage, message) => {
    expect(() => read(usage)).toThrow(message);
  });
});
