import { GrantPool } from './GrantPool';

describe('grants', () => {
  it('are the same in every process, and of the form that agent-auth takes', () => {
    const grants = new GrantPool('seed', 100).shuffled();
    const others = new GrantPool('seed', 100).shuffled();
    expect(new Set(grants.map(({ token }) => token)).size).toBe(100);
    expect(new Set(grants)).toEqual(new Set(others));
    for (const { connectionId, token } of grants) {
      expect(connectionId).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      );
      expect(token).toMatch(/^[\w-]{43}$/);
    }
  });

  it('are drawn no more once they are taken', () => {
    const pool = new GrantPool('seed', 100);
    const taken = new Set(Array.from({ length: 60 }, () => pool.take()));
    expect(taken.size).toBe(60);
    const drawn = new Set(Array.from({ length: 5_000 }, () => pool.draw()));
    expect(drawn).toEqual(new Set(pool.shuffled()));
    expect([...drawn].filter(grant => taken.has(grant))).toEqual([]);
    expect(drawn.size).toBe(40);
  });
});
