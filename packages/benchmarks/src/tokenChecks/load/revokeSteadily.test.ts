import type { Grant } from '../grants';
import { revokeSteadily } from './revokeSteadily';

/** Something that forgets a token so long after its connection was revoked. */
function createResource(forgetsAfterMs: number) {
  const revokedAt = new Map<string, number>();
  return {
    isLetIn: async (token: string) =>
      performance.now() < (revokedAt.get(token) ?? Infinity) + forgetsAfterMs,
    revoke: async (connectionId: string) => {
      revokedAt.set(connectionId, performance.now());
    },
  };
}

function createTake() {
  let taken = 0;
  return (): Grant => {
    const id = `${taken++}`;
    return { connectionId: id, token: id };
  };
}

describe('revoking steadily', () => {
  it('measures for how long a revoked token was let in', async () => {
    const { refusedAfterMs, failures } = await revokeSteadily({
      rate: 50,
      count: 10,
      take: createTake(),
      ...createResource(300),
    });
    expect(refusedAfterMs).toHaveLength(10);
    expect(Math.min(...refusedAfterMs)).toBeGreaterThanOrEqual(300);
    expect(Math.max(...refusedAfterMs)).toBeLessThan(600);
    expect(failures).toEqual({});
  });

  it('takes no token for revoked that was refused all along', async () => {
    const { refusedAfterMs, failures } = await revokeSteadily({
      rate: 50,
      count: 2,
      take: createTake(),
      isLetIn: async () => false,
      revoke: async () => {},
    });
    expect(refusedAfterMs).toEqual([]);
    expect(failures).toEqual({ 'refused before it was revoked': 2 });
  });
});
