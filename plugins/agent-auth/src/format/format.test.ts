import {
  describeLifetime,
  describeLimits,
  describeOrigin,
  describeScope,
  describeTimeAgo,
  describeUserAgent,
} from '.';

describe('words for what machines say', () => {
  it.each([
    [60, '1 minute'],
    [90, '90 seconds'],
    [8 * 3600, '8 hours'],
    [36 * 3600, '36 hours'],
    [30 * 86400, '30 days'],
  ])('says %d seconds as %s', (seconds, words) => {
    expect(describeLifetime(seconds)).toBe(words);
  });

  it.each([
    ['2026-11-20T11:59:30Z', 'just now'],
    ['2026-11-20T09:00:00Z', '3 hours ago'],
    ['2026-11-19T11:00:00Z', 'yesterday'],
    ['2026-11-20T12:00:20Z', 'in less than a minute'],
    ['2026-12-20T13:00:00Z', 'next month'],
    ['2024-11-01T00:00:00Z', '2 years ago'],
    ['soon', 'soon'],
  ])('at noon of 20 November 2026 says %s as %s', (time, words) => {
    expect(describeTimeAgo(time, Date.parse('2026-11-20T12:00:00Z'))).toBe(
      words,
    );
  });

  it.each([
    ['claude-code/2.0.14 (linux x64)', 'claude-code 2.0.14 on Linux'],
    ['node', 'node'],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36',
      'Chrome on macOS',
    ],
    [
      'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0',
      'Firefox on Linux',
    ],
    ['   ', 'Unknown program'],
    ['x'.repeat(500), `${'x'.repeat(59)}…`],
  ])('shortens the user agent %s to %s', (userAgent, words) => {
    expect(describeUserAgent(userAgent)).toBe(words);
  });

  it('says limits with their units, and nothing where there are none', () => {
    expect(describeLimits({})).toEqual([]);
    expect(
      describeLimits({ servers: ['git*', 'jira'], budgetUsdPerDay: 2.5 }),
    ).toEqual(['Only servers git*, jira', 'At most $2.50 a day']);
  });

  it('treats a scope that it does not know as one that writes', () => {
    expect(describeScope('portal', 'tools:erase')).toEqual({
      title: 'tools:erase',
      write: true,
    });
    expect(describeScope('portal', 'tools:read').write).toBe(false);
  });

  it('says where a client is described', () => {
    expect(
      describeOrigin({ origin: 'document', documentHost: 'claude.ai' }),
    ).toBe('Described at claude.ai');
    expect(describeOrigin({ origin: 'dynamic' })).toBe('Registered itself');
  });
});
