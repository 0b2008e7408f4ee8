import { TestDatabases } from '@backstage/backend-test-utils';
import type {
  AuditExportTrailer,
  StoredAuditRecord,
} from '@prompt-corner/plugin-mcp-portal-common';
import {
  ADA,
  BOB,
  createAudit,
  recordOf,
  testClock,
} from './__testUtils__/auditFixture';
import type { AuditConditions } from './AuditQueries';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

describe.each(databases.eachSupportedId())('AuditQueries on %s', databaseId => {
  const at = (minute: number) =>
    `2026-11-21T08:${String(minute).padStart(2, '0')}:00.000Z`;

  it('finds records by each condition, newest first', async () => {
    const { trail, queries } = await createAudit(
      await databases.init(databaseId),
    );
    const bob = { kind: 'user' as const, uuid: BOB, clientId: 'vscode' };
    await trail.append(recordOf({ at: at(1), target: 'a' }));
    await trail.append(recordOf({ at: at(3), target: 'c', caller: bob }));
    await trail.append(
      recordOf({ at: at(2), target: 'b', portal: 'other', server: 'jira' }),
    );
    await trail.append(
      recordOf({
        at: at(4),
        action: 'prompts/get',
        outcome: 'denied',
        target: 'd',
        executionId: 'run-1',
      }),
    );
    const find = async (conditions: AuditConditions) =>
      (await queries.find(conditions, { limit: 10 })).items.map(
        ({ record }) => record.target,
      );
    expect(await find({})).toEqual(['d', 'c', 'b', 'a']);
    expect(await find({ caller: ADA })).toEqual(['d', 'b', 'a']);
    expect(await find({ caller: BOB })).toEqual(['c']);
    expect(await find({ client: 'vscode' })).toEqual(['c']);
    expect(await find({ portal: 'other' })).toEqual(['b']);
    expect(await find({ server: 'jira', target: 'b' })).toEqual(['b']);
    expect(await find({ target: 'a' })).toEqual(['a']);
    expect(await find({ action: 'prompts/get' })).toEqual(['d']);
    expect(await find({ outcome: 'denied' })).toEqual(['d']);
    expect(await find({ executionId: 'run-1' })).toEqual(['d']);
    expect(await find({ from: new Date(at(2)), to: new Date(at(4)) })).toEqual([
      'c',
      'b',
    ]);
    expect(await find({ caller: BOB, target: 'a' })).toEqual([]);
  });

  it('pages through records of the same time, each exactly once', async () => {
    const { trail, newTrail, queries } = await createAudit(
      await databases.init(databaseId),
    );
    const trails = [trail, newTrail()];
    const names = Array.from({ length: 23 }, (_, n) => `tool-${n}`);
    await Promise.all(
      names.map((target, n) =>
        trails[n % 2].append(recordOf({ at: at(n < 20 ? 5 : 6), target })),
      ),
    );
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await queries.find({}, { cursor, limit: 4 });
      expect(page.items.length).toBeLessThanOrEqual(4);
      seen.push(...page.items.map(({ record }) => record.target!));
      cursor = page.nextCursor;
    } while (cursor);
    expect(seen).toHaveLength(23);
    expect([...seen].sort()).toEqual([...names].sort());
    expect(seen.slice(0, 3).sort()).toEqual(['tool-20', 'tool-21', 'tool-22']);
  });

  it.each(['', '%', 'e30', 'WzEsMl0', 'x'.repeat(5_000)])(
    'says that %j is no cursor',
    async cursor => {
      const { queries } = await createAudit(await databases.init(databaseId));
      await expect(queries.find({}, { cursor, limit: 1 })).rejects.toThrow(
        'The cursor is not the id of an audit record',
      );
    },
  );

  it('counts use by day, server, tool and outcome', async () => {
    const { clock, setTo } = testClock('2026-11-20T08:00:00Z');
    const { trail, queries } = await createAudit(
      await databases.init(databaseId),
      { clock },
    );
    const append = (more: object) => trail.append(recordOf(more));
    await append({ target: 'search' });
    await append({ target: 'search' });
    await append({ target: 'search', outcome: 'denied' });
    setTo('2026-11-21T08:00:00Z');
    await append({ target: 'search' });
    await append({ action: 'session', server: undefined, target: undefined });

    const days = { from: '2026-11-20', to: '2026-11-21' };
    expect(
      await queries.usage({
        ...days,
        by: ['day', 'server', 'tool', 'outcome'],
        action: 'tools/call',
      }),
    ).toEqual({
      items: [
        ['2026-11-20', 'denied', 1],
        ['2026-11-20', 'ok', 2],
        ['2026-11-21', 'ok', 1],
      ].map(([day, outcome, count]) => ({
        day,
        server: 'github',
        tool: 'search',
        outcome,
        count,
      })),
    });
    expect(
      (await queries.usage({ ...days, from: days.to, by: ['tool'] })).items,
    ).toEqual(
      expect.arrayContaining([
        { tool: null, count: 1 },
        { tool: 'search', count: 1 },
      ]),
    );
    expect(
      (await queries.usage({ ...days, by: ['day'], caller: BOB })).items,
    ).toEqual([]);
  });

  describe('exports', () => {
    type Line = StoredAuditRecord | AuditExportTrailer;

    async function createExport() {
      const { clock, setTo } = testClock('2026-11-20T08:00:00Z');
      const audit = await createAudit(await databases.init(databaseId), {
        clock,
      });
      const trails = [audit.trail, audit.newTrail()];
      const append = (count: number) =>
        Promise.all(
          Array.from({ length: count }, (_, n) =>
            trails[n % 2].append(recordOf({ target: `tool-${n}` })),
          ),
        );
      await append(1_210);
      setTo('2026-11-21T08:00:00Z');
      await append(4);
      const lines = async (range: object) => {
        const all: Line[] = [];
        const pages = audit.auditExport.pages({
          from: '2026-11-20',
          to: '2026-11-20',
          ...range,
        });
        for await (const page of pages) {
          // What is in memory at a time.
          expect(page.length).toBeLessThanOrEqual(500);
          all.push(...page);
        }
        const records = all.slice(0, -1) as StoredAuditRecord[];
        return { records, trailer: all.at(-1) as AuditExportTrailer };
      };
      return { ...audit, lines };
    }

    it('has all records of the days, chain by chain, and says at the end how many', async () => {
      const { lines, chains } = await createExport();
      const { records, trailer } = await lines({});
      expect(records).toHaveLength(1_210);
      expect(new Set(records.map(({ day }) => day))).toEqual(
        new Set(['2026-11-20']),
      );
      const links = records.slice(1).filter(({ seq }) => seq > 1);
      expect(links.map(({ previousHash }) => previousHash)).toEqual(
        records.filter(({ seq }) => seq < 605).map(({ hash }) => hash),
      );
      expect(trailer).toEqual({
        type: 'trailer',
        count: 1_210,
        heads: [...new Set(records.map(({ writer }) => writer))].map(
          writer => ({
            day: '2026-11-20',
            writer,
            seq: 605,
            hash: records.find(
              record => record.writer === writer && record.seq === 605,
            )!.hash,
          }),
        ),
      });
      expect(await chains.lastSeq(trailer.heads[0])).toBe(605);
    });

    it('goes on after any record', async () => {
      const { lines } = await createExport();
      const { records, trailer } = await lines({});
      for (const last of [0, 499, 604, 605, 1_000, 1_209]) {
        const rest = await lines({ after: records[last].id });
        expect(rest.records).toEqual(records.slice(last + 1));
        expect(rest.trailer).toEqual({ ...trailer, count: 1_209 - last });
      }
    });

    it('does not go on after a record of other days, or of none', async () => {
      const { lines } = await createExport();
      const { records } = await lines({ from: '2026-11-21', to: '2026-11-21' });
      await expect(lines({ after: records[0].id })).rejects.toThrow(
        'not the id of a record of these days',
      );
      await expect(lines({ after: 'nonsense' })).rejects.toThrow(
        'not the id of an audit record',
      );
    });
  });
});
