import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type {
  UsageEvent,
  UsageFilters,
} from '@prompt-corner/plugin-ai-proxy-common';
import {
  ADA,
  BOB,
  CY,
  eventOf,
  makeTables,
  NO_TOKENS,
  SETTINGS,
  storeEvents,
} from '../__testUtils__/usageFixture';
import { hourOf } from '../store';
import { ReportQuestion, UsageReports } from './UsageReports';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

const NOW = new Date('2026-11-21T12:00:00Z');

const rangeOf = (from: string, to: string) => ({
  from: hourOf(new Date(from)),
  to: hourOf(new Date(to)),
});
const NOVEMBER = rangeOf('2026-11-01T00:00:00Z', '2026-12-01T00:00:00Z');

const question = (changes: Partial<ReportQuestion> = {}): ReportQuestion => ({
  range: NOVEMBER,
  filters: {},
  by: [],
  timeZone: 'UTC',
  limit: 50,
  ...changes,
});

describe.each(databases.eachSupportedId())('UsageReports on %s', databaseId => {
  async function start(
    events: UsageEvent[],
    countUsers: () => Promise<number> = async () => 10,
  ) {
    const database = await databases.init(databaseId);
    await makeTables(database);
    await storeEvents(database, events);
    // Only sums may answer.
    await database('usage_events').delete();
    return new UsageReports({
      database,
      settings: SETTINGS,
      userCount: { count: countUsers },
      isOpenWeight: ({ model }) =>
        ({ qwen: true, 'claude-sonnet-4-5': false }[model]),
      logger: mockServices.logger.mock(),
      clock: () => NOW,
    });
  }

  it('adds everything up', async () => {
    const reports = await start([
      eventOf(),
      eventOf({ principal: BOB, outcome: 'failed', status: 502, attempts: 3 }),
      eventOf({
        outcome: 'cached',
        costNanoUsd: 0,
        attempts: 0,
        timeToFirstByteMs: 1,
        latencyMs: 1,
        tokens: NO_TOKENS,
      }),
      eventOf({ at: '2026-12-01T00:00:00Z' }),
    ]);
    const report = await reports.usage(question());
    expect(report).toEqual({
      from: '2026-11-01T00:00:00.000Z',
      to: '2026-12-01T00:00:00.000Z',
      timeZone: 'UTC',
      interval: undefined,
      totals: {
        requests: 3,
        outcomes: {
          ok: 1,
          cached: 1,
          refused: 0,
          rejected: 0,
          failed: 1,
          aborted: 0,
        },
        attempts: 4,
        streamed: 3,
        estimated: 0,
        unpriced: 0,
        tokens: {
          ...NO_TOKENS,
          inputTokens: 200,
          cacheReadTokens: 600,
          outputTokens: 100,
          reasoningTokens: 40,
        },
        cacheHitRate: 0.75,
        costNanoUsd: 2_000,
        savedNanoUsd: 10_000,
        latencyMs: { p50: 1_748, p95: 2_048, p99: 2_048 },
        timeToFirstByteMs: { p50: 437, p95: 512, p99: 512 },
      },
      groups: [],
      timeline: [],
    });
  });

  it('answers with zeros when there was nothing', async () => {
    const reports = await start([]);
    const { totals, groups, timeline } = await reports.usage(
      question({ by: ['model'], interval: 'day' }),
    );
    expect(totals).toMatchObject({ requests: 0, cacheHitRate: null });
    expect([groups, timeline]).toEqual([[], []]);
  });

  it('groups by any dimensions, the highest cost first, and tells what has none', async () => {
    const component = {
      component: 'component:default/checkout',
      system: 'system:default/shop',
    };
    const reports = await start([
      eventOf({ costNanoUsd: 5 }),
      eventOf({ costNanoUsd: 7, model: 'qwen', provider: 'vllm' }),
      eventOf({ costNanoUsd: 9, ...component, client: 'codex' }),
      eventOf({ costNanoUsd: 1, ...component, principal: BOB }),
    ]);
    const groups = async (by: ReportQuestion['by'], filters = {}) =>
      (await reports.usage(question({ by, filters }))).groups.map(
        ({ key, costNanoUsd, activeUsers }) => [key, costNanoUsd, activeUsers],
      );
    expect(await groups(['provider', 'model'])).toEqual([
      [{ provider: 'anthropic', model: 'claude-sonnet-4-5' }, 15, undefined],
      [{ provider: 'vllm', model: 'qwen' }, 7, undefined],
    ]);
    expect(await groups(['component'])).toEqual([
      [{ component: '' }, 12, 1],
      [{ component: 'component:default/checkout' }, 10, 2],
    ]);
    expect(await groups(['principal'])).toEqual([
      [{ principal: ADA }, 21, 1],
      [{ principal: BOB }, 1, 1],
    ]);
    expect(
      await groups(['client'], { system: ['system:default/shop'] }),
    ).toEqual([
      [{ client: 'codex' }, 9, 1],
      [{ client: 'opencode' }, 1, 1],
    ]);
    expect(await groups(['client'], { system: [''] })).toEqual([
      [{ client: 'opencode' }, 12, 1],
    ]);
  });

  it('counts a request in each team of its caller, and once in all', async () => {
    const [a, b] = ['group:default/a', 'group:default/b'];
    const reports = await start([
      eventOf({ teams: [a, b], costNanoUsd: 10 }),
      // Moved to another team since.
      eventOf({ teams: [b], costNanoUsd: 3 }),
      eventOf({ teams: [b], costNanoUsd: 2, principal: BOB }),
      eventOf({ teams: [], costNanoUsd: 1, principal: CY }),
    ]);
    const ask = (filters: UsageFilters = {}) =>
      reports.usage(question({ by: ['team'], filters, interval: 'month' }));
    const all = await ask();
    expect(all.totals.costNanoUsd).toBe(16);
    const groups = [
      [{ team: b }, 15, 2],
      [{ team: a }, 10, 1],
      [{ team: '' }, 1, 1],
    ];
    const told = (items: typeof all.groups) =>
      items.map(({ key, costNanoUsd, activeUsers }) => [
        key,
        costNanoUsd,
        activeUsers,
      ]);
    expect(told(all.groups)).toEqual(groups);
    expect(
      all.timeline.map(({ key, costNanoUsd }) => [key, costNanoUsd]),
    ).toEqual(groups.map(([key, cost]) => [key, cost]));

    const ofA = await ask({ team: [a] });
    expect(ofA.totals).toMatchObject({ costNanoUsd: 10, activeUsers: 1 });
    expect(told(ofA.groups)).toEqual([[{ team: a }, 10, 1]]);
    const ofNone = await ask({ team: [''] });
    expect(told(ofNone.groups)).toEqual([[{ team: '' }, 1, 1]]);
  });

  it('says what was cut, and how to get it', async () => {
    const models = Array.from({ length: 30 }, (_, n) => `model-${n}`);
    const reports = await start(
      models.map((model, n) => eventOf({ model, costNanoUsd: 1_000 - n })),
    );
    const cut = await reports.usage(
      question({ by: ['model'], limit: 3, interval: 'day' }),
    );
    expect(cut.groups.map(({ key }) => key.model)).toEqual(models.slice(0, 3));
    expect(cut.timeline).toHaveLength(3);
    expect(cut.more).toBe(
      'There are more than these 3 groups with the highest cost: raise limit up to 500, or filter.',
    );
    const all = await reports.usage(
      question({ by: ['model'], interval: 'day' }),
    );
    expect([all.groups.length, all.timeline.length]).toEqual([30, 20]);
    expect(all.more).toBe(
      'The timeline has the first 20 groups only: filter to see others.',
    );
    const old = await reports.usage(
      question({ range: rangeOf('2025-10-01T00:00Z', '2025-10-18T00:00Z') }),
    );
    expect(old.more).toBe(
      'Sums are kept for 400 days: those before 2025-10-17T12:00:00.000Z are not there any more.',
    );
  });

  it('draws timelines by the days of a time zone', async () => {
    const reports = await start([
      eventOf({ at: '2026-11-20T22:30:00Z', costNanoUsd: 1 }),
      eventOf({ at: '2026-11-20T23:30:00Z', costNanoUsd: 2 }),
      eventOf({ at: '2026-11-21T10:30:00Z', costNanoUsd: 3, model: 'qwen' }),
    ]);
    const { timeline } = await reports.usage(
      question({ interval: 'day', timeZone: 'Europe/Berlin' }),
    );
    expect(
      timeline.map(({ start: at, costNanoUsd }) => [at, costNanoUsd]),
    ).toEqual([
      ['2026-11-20T00:00:00.000+01:00', 1],
      ['2026-11-21T00:00:00.000+01:00', 5],
    ]);
  });

  it('tells how many use models, and how unevenly', async () => {
    const users = Array.from(
      { length: 20 },
      (_, n) => `00000000-0000-4000-8000-0000000000${n + 10}`,
    );
    const reports = await start(
      [
        ...users.map((principal, n) =>
          eventOf({
            principal,
            costNanoUsd: n + 1,
            tokens: { ...NO_TOKENS, inputTokens: (n + 1) * 10 },
            teams: n < 4 ? ['group:default/a'] : [],
          }),
        ),
        ...Array.from({ length: 10 }, () =>
          eventOf({
            principal: users[19],
            costNanoUsd: 10,
            tokens: NO_TOKENS,
            at: '2026-11-20T08:00:00Z',
          }),
        ),
        eventOf({ principal: CY, outcome: 'refused', status: 403 }),
        eventOf({ principal: CY, principalKind: 'service' }),
      ],
      async () => 40,
    );
    const ask = (team?: string) =>
      reports.adoption({
        range: NOVEMBER,
        timeZone: 'UTC',
        interval: 'day',
        team,
      });
    expect(await ask()).toEqual({
      from: '2026-11-01T00:00:00.000Z',
      to: '2026-12-01T00:00:00.000Z',
      timeZone: 'UTC',
      activeUsers: 20,
      users: 40,
      adoptionRate: 0.5,
      medianTokens: 105,
      // Of 10 and 11, rounded.
      medianCostNanoUsd: 11,
      topTenthShare: {
        requests: 12 / 30,
        cost: (120 + 19) / (190 + 120),
      },
      usersToReview: 1,
      timeline: [
        { start: '2026-11-20T00:00:00.000Z', activeUsers: 1 },
        { start: '2026-11-21T00:00:00.000Z', activeUsers: 20 },
      ],
    });
    expect(await ask('group:default/a')).toMatchObject({
      activeUsers: 4,
      medianTokens: 25,
      adoptionRate: 0.1,
    });
    expect(
      await reports.adoption({ range: { from: 0, to: 1 }, timeZone: 'UTC' }),
    ).toMatchObject({
      activeUsers: 0,
      medianTokens: null,
      medianCostNanoUsd: null,
      topTenthShare: { requests: null, cost: null },
      usersToReview: 0,
    });
  });

  it('goes without the number of users while the catalog does not answer', async () => {
    const reports = await start([eventOf()], async () => {
      throw new Error('no catalog');
    });
    expect(
      await reports.adoption({ range: NOVEMBER, timeZone: 'UTC' }),
    ).toMatchObject({
      activeUsers: 1,
      users: null,
      adoptionRate: null,
      more: 'The catalog did not say how many users there are: ask again later.',
    });
  });

  it('tells what caches and open weights save', async () => {
    const tokens = { ...NO_TOKENS, inputTokens: 900, outputTokens: 100 };
    const reports = await start([
      eventOf({ tokens, costNanoUsd: 8_000, undiscountedNanoUsd: 10_000 }),
      eventOf({ tokens, outcome: 'cached', costNanoUsd: 0, attempts: 0 }),
      eventOf({
        tokens,
        model: 'qwen',
        costNanoUsd: 2_000,
        undiscountedNanoUsd: 2_000,
      }),
      eventOf({ tokens, model: 'mine', costNanoUsd: null }),
      eventOf({
        outcome: 'refused',
        model: undefined,
        tokens: NO_TOKENS,
        costNanoUsd: 0,
        undiscountedNanoUsd: 0,
      }),
    ]);
    const saved = await reports.savings({ range: NOVEMBER, filters: {} });
    expect(saved).toEqual({
      from: '2026-11-01T00:00:00.000Z',
      to: '2026-12-01T00:00:00.000Z',
      costNanoUsd: 10_000,
      undiscountedNanoUsd: 16_000,
      promptCacheSavedNanoUsd: 2_000,
      responseCacheSavedNanoUsd: 4_000,
      proprietary: {
        requests: 1,
        tokens: 1_000,
        costNanoUsd: 8_000,
        tokenShare: 1 / 3,
        costPerMillionTokensNanoUsd: 8_000_000,
      },
      openWeight: {
        requests: 1,
        tokens: 1_000,
        costNanoUsd: 2_000,
        tokenShare: 1 / 3,
        costPerMillionTokensNanoUsd: 2_000_000,
      },
      unknown: {
        requests: 1,
        tokens: 1_000,
        costNanoUsd: 0,
        tokenShare: 1 / 3,
        costPerMillionTokensNanoUsd: null,
      },
    });
  });

  it('lists users with what they did', async () => {
    const reports = await start([
      eventOf({ session: 'a', costNanoUsd: 100 }),
      eventOf({
        session: 'b',
        costNanoUsd: 5,
        model: 'qwen',
        provider: 'vllm',
      }),
      eventOf({ at: '2026-11-19T23:59:00Z', outcome: 'rejected' }),
      eventOf({ principal: BOB, costNanoUsd: 50, model: undefined }),
      eventOf({ principal: CY, principalKind: 'service', costNanoUsd: 1 }),
    ]);
    const ask = (limit: number, offset: number) =>
      reports.users({
        range: NOVEMBER,
        filters: {},
        timeZone: 'Europe/Berlin',
        limit,
        offset,
      });
    const page = await ask(2, 0);
    expect(page.items).toMatchObject([
      {
        principal: ADA,
        principalKind: 'user',
        requests: 3,
        costNanoUsd: 1_105,
        outcomes: { rejected: 1 },
        sessions: 2,
        activeDays: 2,
        lastSeenHour: '2026-11-21T08:00:00.000Z',
        topModel: 'claude-sonnet-4-5',
        topProvider: 'anthropic',
      },
      { principal: BOB, sessions: 0, activeDays: 1 },
    ]);
    expect(page.items[1].topModel).toBeUndefined();
    expect(page).toMatchObject({
      nextOffset: 2,
      more: expect.stringContaining('ask with offset=2'),
    });
    const last = await ask(2, 2);
    expect(last.items).toMatchObject([
      { principal: CY, principalKind: 'service' },
    ]);
    expect(last.nextOffset).toBeUndefined();
  });

  it('lists sessions of one user', async () => {
    const reports = await start([
      eventOf({ session: 'cheap', costNanoUsd: 1 }),
      eventOf({ session: 'dear', costNanoUsd: 10 }),
      eventOf({ session: 'dear', costNanoUsd: 10, at: '2026-11-21T09:00:00Z' }),
      eventOf({ session: 'of-bob', principal: BOB }),
    ]);
    const ask = (limit: number) =>
      reports.sessions({ principal: ADA, range: NOVEMBER, limit });
    const { items } = await ask(10);
    expect(items).toEqual([
      {
        client: 'opencode',
        session: 'dear',
        firstAt: '2026-11-21T08:15:00.000Z',
        lastAt: '2026-11-21T09:00:00.000Z',
        requests: 2,
        tokens: 900,
        costNanoUsd: 20,
      },
      expect.objectContaining({ session: 'cheap' }),
    ]);
    const cut = await ask(1);
    expect([cut.items.length, cut.more]).toEqual([
      1,
      expect.stringContaining('more than these 1 sessions'),
    ]);
  });

  it('finds sessions that are unusual for their user and for all', async () => {
    const sessions = (
      principal: string,
      costs: number[],
    ): Array<Partial<UsageEvent>> =>
      costs.map((costNanoUsd, n) => ({
        principal,
        costNanoUsd,
        session: `${n}`,
        at: '2026-11-18T08:00:00Z',
      }));
    const reports = await start(
      [
        ...sessions(ADA, new Array(150).fill(10)),
        ...sessions(BOB, new Array(20).fill(900)),
        ...sessions(CY, [1, 1, 1]),
        { principal: ADA, session: 'odd', costNanoUsd: 1_000 },
        // More than others spend, but not more than Bob does.
        { principal: BOB, session: 'large', costNanoUsd: 1_500 },
        // Too few others to know what is usual.
        { principal: CY, session: 'first', costNanoUsd: 5_000 },
      ].map(changes => eventOf(changes)),
    );
    const found = await reports.anomalies(
      rangeOf('2026-11-21T00:00:00Z', '2026-11-22T00:00:00Z'),
    );
    expect(found).toMatchObject({
      from: '2026-11-21T00:00:00.000Z',
      comparedSince: '2026-10-23T00:00:00.000Z',
      organisationP99NanoUsd: 1_500,
    });
    // Of 176 sessions, one is above the 99th percentile.
    expect(found.items).toEqual([]);

    const more = await start(
      [
        ...sessions(ADA, new Array(400).fill(10)),
        ...sessions(BOB, new Array(20).fill(900)),
        { principal: ADA, session: 'odd', costNanoUsd: 1_000 },
        { principal: BOB, session: 'large', costNanoUsd: 1_500 },
        { principal: CY, session: 'first', costNanoUsd: 5_000 },
      ].map(changes => eventOf(changes)),
    );
    const again = await more.anomalies(
      rangeOf('2026-11-21T00:00:00Z', '2026-11-22T00:00:00Z'),
    );
    expect(again.organisationP99NanoUsd).toBe(900);
    expect(again.items).toMatchObject([
      {
        principal: ADA,
        session: 'odd',
        costNanoUsd: 1_000,
        ownP95NanoUsd: 10,
      },
    ]);
    expect(await (await start([])).anomalies(NOVEMBER)).toMatchObject({
      organisationP99NanoUsd: null,
      items: [],
    });
  });
});
