import { RateLimit } from './RateLimit';

describe('RateLimit', () => {
  it('counts each caller for itself and says how long to wait', async () => {
    const limit = new RateLimit({ requests: 2, window: { seconds: 30 } });
    expect(await limit.take('a')).toBeUndefined();
    expect(await limit.take('a')).toBeUndefined();
    const wait = await limit.take('a');
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(30);
    expect(await limit.take('b')).toBeUndefined();
  });
});
