import { randomUUID } from 'node:crypto';
import { TestDatabases } from '@backstage/backend-test-utils';
import type { CodeExecution } from '@prompt-corner/plugin-mcp-portal-common';
import { SecretBox } from '@prompt-corner/encryption';
import type { Knex } from 'knex';
import { migrate } from '../database/migrate';
import { ExecutionHistory } from './ExecutionHistory';
import { ExecutionStore, PausedExecution } from './ExecutionStore';

jest.setTimeout(60_000);

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

const paused: PausedExecution = {
  code: 'return codemode.a_b({})',
  recording: { seed: [1, 2, 3, 4], dates: [], turns: [] },
  calls: [{ number: 1, tool: 'a_b', arguments: '{}', ms: 3, result: '"told"' }],
  origins: { a_b: 'a/b' },
};

function execution(
  changes: Partial<CodeExecution> = {},
): Omit<CodeExecution, 'updatedAt'> {
  return {
    id: randomUUID(),
    kind: 'execute',
    state: 'paused',
    portal: 'default',
    caller: 'ada',
    code: paused.code,
    calls: [],
    logs: [],
    cpuMs: 1.5,
    durationMs: 7,
    startedAt: new Date().toISOString(),
    ...changes,
  };
}

describe.each(databases.eachSupportedId())('executions (%s)', id => {
  let database: Knex;
  let store: ExecutionStore;
  let history: ExecutionHistory;

  const storeOf = (knex: Knex, secret = 'x'.repeat(32)) =>
    new ExecutionStore({
      database: knex,
      longestMs: HOUR_MS,
      sealer: new SecretBox([{ id: 'a', secret }], {
        purpose: 'test',
        configKey: 'test',
      }),
    });

  beforeAll(async () => {
    database = await databases.init(id);
    await migrate(database);
    store = storeOf(database);
    history = new ExecutionHistory({ database });
  });

  beforeEach(() => database('code_executions').delete());

  const owner = { caller: 'ada', portal: 'default' };

  it('are found again as they were, the latest first, in pages', async () => {
    const all = [0, 1, 2, 3, 4].map(minute =>
      execution({
        state: minute ? 'ok' : 'error',
        caller: minute < 3 ? 'ada' : 'bob',
        clientName: 'x'.repeat(300),
        error: minute
          ? undefined
          : { name: 'TypeError', message: 'no', line: 2 },
        resultBytes: 17,
        cutCharacters: 30_000,
        startedAt: new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString(),
      }),
    );
    for (const one of all) {
      await store.insert(one);
    }
    const found = [];
    let cursor: string | undefined;
    do {
      const page = await history.list({}, { cursor, limit: 2 });
      found.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor);
    expect(found.map(({ id: found_ }) => found_)).toEqual(
      all.map(one => one.id).reverse(),
    );
    expect(found.at(-1)).toEqual({
      ...all[0],
      clientName: 'x'.repeat(200),
      updatedAt: expect.any(String),
    });
    expect(
      (await history.list({ caller: 'ada', state: 'ok' }, { limit: 9 })).items,
    ).toHaveLength(2);
    for (const none of ['', 'x', '%%%', 'MTIz']) {
      await expect(
        history.list({}, { cursor: none, limit: 2 }),
      ).rejects.toThrow('cursor');
    }
  });

  it('that wait are taken once, by who began them where it was begun', async () => {
    const one = execution();
    await store.insert(one, { ...paused, code: ` ${paused.code}\n` });
    const { sealed } = await database('code_executions').first();
    expect(sealed).not.toContain('told');

    const { code } = paused;
    for (const other of [
      { ...owner, caller: 'bob' },
      { ...owner, portal: 'other' },
    ]) {
      expect(await store.claim(other, { code })).toEqual({ kind: 'none' });
      expect(await store.claim(other, { id: one.id })).toEqual({
        kind: 'none',
      });
    }
    expect(await store.claim(owner, { code: `${code};` })).toEqual({
      kind: 'none',
    });
    expect(await store.countPaused('ada')).toBe(1);
    expect(await store.countPaused('bob')).toBe(0);
    const claims = await Promise.all(
      [1, 2, 3, 4].map(n =>
        store.claim(owner, n % 2 ? { code } : { id: one.id }),
      ),
    );
    expect(claims.filter(({ kind }) => kind === 'claimed')).toEqual([
      {
        kind: 'claimed',
        id: one.id,
        paused: { ...paused, code: ` ${code}\n` },
      },
    ]);
    expect(claims.filter(({ kind }) => kind === 'busy')).toHaveLength(3);

    await store.release(one.id);
    expect(await store.claim(owner, { code })).toMatchObject({
      kind: 'claimed',
      paused: { calls: paused.calls },
    });
    await store.update(one.id, owner, { ...one, state: 'ok' });
    expect(await store.claim(owner, { code })).toEqual({ kind: 'none' });
    expect(await database('code_executions').first()).toMatchObject({
      state: 'ok',
      sealed: null,
    });
  });

  it('go on with what they were paused with last, however long taking one takes', async () => {
    const one = execution();
    await store.insert(one, paused);
    const later = { ...paused, calls: [...paused.calls, ...paused.calls] };
    // As on a slow replica: between finding it and taking it, another one went on with it.
    let isFirst = true;
    const betweenQueries = async ({ sql }: { sql: string }) => {
      if (isFirst && sql.startsWith('select')) {
        isFirst = false;
        await database('code_executions')
          .where({ id: one.id })
          .update({ state: 'resuming' });
        await store.update(one.id, owner, one, later);
      }
    };
    const slow = new Proxy(database, {
      apply: (knex, _, [table]) => {
        const query = knex(table);
        const then = query.then.bind(query);
        query.then = (resolve: never, reject: never) =>
          then(async (rows: unknown) => {
            await betweenQueries(query.toSQL() as { sql: string });
            return rows;
          }).then(resolve, reject);
        return query;
      },
    });
    const claim = await storeOf(slow).claim(owner, { id: one.id });
    expect(isFirst).toBe(false);
    expect(claim).toEqual({ kind: 'claimed', id: one.id, paused: later });
  });

  it('are shown without reading what they go on with', async () => {
    const one = execution();
    await store.insert(one, paused);
    const read: string[] = [];
    const onQuery = ({ sql }: { sql: string }) => read.push(sql);
    database.on('query', onQuery);
    try {
      await history.get(one.id);
      await history.list({}, { limit: 100 });
      await store.claim({ ...owner, caller: 'bob' }, { id: one.id });
    } finally {
      database.removeListener('query', onQuery);
    }
    expect(read).toHaveLength(3);
    expect(read.filter(sql => /\*|sealed/.test(sql))).toEqual([]);
  });

  it('are kept whatever characters code and client name have', async () => {
    const one = execution({
      code: '/* \0 \ud800 */ return 1',
      clientName: 'a\0\ud800b',
    });
    await store.insert(one, { ...paused, code: one.code });
    const found = await history.get(one.id);
    expect(found?.code).toMatch(/^\/\* . . \*\/ return 1$/);
    expect(found?.clientName).toMatch(/^a..b$/);
    expect(await store.claim(owner, { code: one.code })).toMatchObject({
      kind: 'claimed',
    });
  });

  it('do not stay where they are when their key is gone', async () => {
    const one = execution();
    await store.insert(one, paused);
    const { id: which } = one;
    const other = storeOf(database, 'y'.repeat(32));
    expect(await other.claim(owner, { id: which })).toEqual({ kind: 'none' });
    expect(await history.get(which)).toMatchObject({ state: 'error' });
    expect(await store.claim(owner, { code: paused.code })).toEqual({
      kind: 'none',
    });
  });

  it('keep nothing that tells the code as it was sent, but as long as they wait', async () => {
    const digests = () => database('code_executions').pluck('code_digest');
    const one = execution({ state: 'ok' });
    await store.insert(one);
    expect(await digests()).toEqual(['']);
    const waiting = execution();
    await store.insert(waiting, paused);
    await store.claim(owner, { id: waiting.id });
    await store.update(waiting.id, owner, { ...waiting, state: 'ok' });
    expect(await digests()).toEqual(['', '']);
  });

  it('are deleted after their time, and cannot be resumed for ever', async () => {
    const ago = (ms: number) => new Date(Date.now() - ms);
    const old = execution({ startedAt: ago(31 * DAY_MS).toISOString() });
    const forgotten = execution();
    const lost = execution();
    const waiting = execution();
    for (const one of [old, forgotten, lost, waiting]) {
      await store.insert(one, { ...paused, code: one.id });
    }
    await database('code_executions')
      .where({ id: forgotten.id })
      .update({ updated_at: ago(DAY_MS + 1_000) });
    await store.claim(owner, { id: lost.id });
    await database('code_executions')
      .where({ id: lost.id })
      .update({ updated_at: ago(HOUR_MS) });
    // It may still run.
    expect(await store.claim(owner, { code: lost.id })).toMatchObject({
      kind: 'busy',
    });
    await database('code_executions')
      .where({ id: lost.id })
      .update({ updated_at: ago(2 * HOUR_MS) });
    expect(await store.claim(owner, { id: lost.id })).toEqual({ kind: 'none' });

    await store.clean({ keepMs: 30 * DAY_MS, pausedMs: DAY_MS });
    expect(await history.get(old.id)).toBeUndefined();
    expect((await history.get(forgotten.id))?.state).toBe('cancelled');
    expect((await history.get(lost.id))?.state).toBe('cancelled');
    expect((await history.get(waiting.id))?.state).toBe('paused');
    expect(
      await database('code_executions').whereNotNull('sealed').pluck('id'),
    ).toEqual([waiting.id]);
  });
});
