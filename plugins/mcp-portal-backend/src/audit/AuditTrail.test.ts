import { TestDatabases, mockServices } from '@backstage/backend-test-utils';
import { ServiceUnavailableError } from '@backstage/errors';
import knexFactory, { Knex } from 'knex';
import { createAudit, recordOf, testClock } from './__testUtils__/auditFixture';
import { TcpProxy } from './__testUtils__/TcpProxy';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

async function targetsOf(database: Knex): Promise<string[]> {
  const rows = await database('audit_records').orderBy([
    'day',
    'writer',
    'seq',
  ]);
  return rows.map(({ target }) => target);
}

/** The pool needs a moment to let go of broken connections. */
async function untilResolved(attempt: () => Promise<void>): Promise<void> {
  for (let n = 0; n < 20; n += 1) {
    try {
      await attempt();
      return;
    } catch {
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  }
  await attempt();
}

describe.each(databases.eachSupportedId())('AuditTrail on %s', databaseId => {
  it('has committed a record when it says so, in the order of arrival', async () => {
    const database = await databases.init(databaseId);
    const { trail, verify } = await createAudit(database);
    await trail.append(recordOf({ target: 'first' }));
    expect(await targetsOf(database)).toEqual(['first']);
    const names = Array.from({ length: 700 }, (_, n) => `tool-${n}`);
    await Promise.all(names.map(target => trail.append(recordOf({ target }))));
    expect(await targetsOf(database)).toEqual(['first', ...names]);
    expect((await verify()).result).toEqual({
      type: 'result',
      ok: true,
      problems: 0,
      chains: 1,
      expiredChains: 0,
      records: 701,
    });
  });

  it('commits records that arrive together in few transactions', async () => {
    const database = await databases.init(databaseId);
    const { store, trail } = await createAudit(database);
    await trail.append(recordOf());
    const append = jest.spyOn(store, 'append');
    await Promise.all(
      Array.from({ length: 64 }, () => trail.append(recordOf())),
    );
    expect(append).toHaveBeenCalledTimes(1);
    // Those that arrive while a transaction is under way share the next one.
    let arrived: Promise<unknown> = Promise.resolve();
    append.mockImplementationOnce(async (...args) => {
      arrived = Promise.all(
        Array.from({ length: 10 }, () => trail.append(recordOf())),
      );
      append.mockRestore();
      return store.append(...args);
    });
    const spied = jest.spyOn(store, 'append');
    await trail.append(recordOf());
    await arrived;
    expect(spied.mock.calls.length).toBeLessThanOrEqual(2);
    expect(await targetsOf(database)).toHaveLength(76);
  });

  it('gives each of several writers its own chain', async () => {
    const database = await databases.init(databaseId);
    const { trail, newTrail, verify } = await createAudit(database);
    const trails = [trail, newTrail(), newTrail()];
    await Promise.all(
      Array.from({ length: 90 }, (_, n) =>
        trails[n % 3].append(recordOf({ target: `tool-${n}` })),
      ),
    );
    expect((await verify()).result).toMatchObject({
      ok: true,
      chains: 3,
      records: 90,
    });
    const chains = await database('audit_chains');
    expect(chains.map(({ seq }) => seq)).toEqual([30, 30, 30]);
    expect(chains.map(({ writer }) => writer).sort()).toEqual(
      trails.map(each => each.status().writer).sort(),
    );
  });

  it('begins a chain each day, and none for an earlier day', async () => {
    const database = await databases.init(databaseId);
    const { clock, setTo } = testClock('2026-11-21T23:59:59.999Z');
    const { trail, verify } = await createAudit(database, { clock });
    await trail.append(recordOf({ target: 'before midnight' }));
    setTo('2026-11-22T00:00:00.000Z');
    await trail.append(recordOf({ target: 'after midnight' }));
    setTo('2026-11-21T23:59:59.000Z');
    await trail.append(recordOf({ target: 'clock was set back' }));
    const rows = await database('audit_records').orderBy(['day', 'seq']);
    expect(rows.map(({ day, seq, target }) => [day, seq, target])).toEqual([
      ['2026-11-21', 1, 'before midnight'],
      ['2026-11-22', 1, 'after midnight'],
      ['2026-11-22', 2, 'clock was set back'],
    ]);
    expect((await verify()).result.ok).toBe(true);
  });

  it('leaves a trail that verifies when the process dies before a commit', async () => {
    const database = await databases.init(databaseId);
    const { trail, newTrail, store, verify } = await createAudit(database);
    const original = store.transaction.bind(store);
    jest.spyOn(store, 'transaction').mockImplementationOnce((timeoutMs, work) =>
      original(timeoutMs, async transaction => {
        await work(transaction);
        throw new Error('killed');
      }),
    );
    await expect(trail.append(recordOf())).rejects.toThrow(
      ServiceUnavailableError,
    );
    expect((await verify()).result).toMatchObject({ ok: true, chains: 0 });
    await newTrail().append(recordOf());
    expect((await verify()).result).toMatchObject({ ok: true, records: 1 });
  });

  it.each([
    ['was committed after all', true],
    ['was not', false],
  ])(
    'goes on in the same chain after a transaction of which it is not known that it %s',
    async (_, committed) => {
      const database = await databases.init(databaseId);
      const { trail, store, verify } = await createAudit(database);
      await trail.append(recordOf({ target: 'before' }));
      const original = store.append.bind(store);
      jest.spyOn(store, 'append').mockImplementationOnce(async (...args) => {
        if (committed) {
          await original(...args);
        }
        throw new Error('Connection terminated unexpectedly');
      });
      await expect(
        trail.append(recordOf({ target: 'uncertain' })),
      ).rejects.toThrow(ServiceUnavailableError);
      await trail.append(recordOf({ target: 'after' }));
      expect(await targetsOf(database)).toEqual(
        committed ? ['before', 'uncertain', 'after'] : ['before', 'after'],
      );
      expect((await verify()).result).toMatchObject({ ok: true, chains: 1 });
    },
  );

  it('goes on after a first transaction of unknown end', async () => {
    const database = await databases.init(databaseId);
    const { trail, store, verify } = await createAudit(database);
    const original = store.transaction.bind(store);
    const spy = jest.spyOn(store, 'transaction');
    spy.mockImplementationOnce(async (timeoutMs, work) => {
      await original(timeoutMs, work);
      throw new Error('Connection terminated unexpectedly');
    });
    await expect(trail.append(recordOf())).rejects.toThrow();
    await trail.append(recordOf());
    expect((await verify()).result).toMatchObject({
      ok: true,
      chains: 1,
      records: 2,
    });
  });

  it('denies a call whose record cannot be committed, and keeps the record in the log', async () => {
    const database = await databases.init(databaseId);
    const { trail, logger } = await createAudit(database);
    await trail.append(recordOf());
    await database.schema.renameTable('audit_records', 'away');
    trail.assertAvailable();
    const lost = recordOf({ target: 'lost' });
    await expect(trail.append(lost)).rejects.toThrow(
      /could not record this in its audit trail, so it was refused/,
    );
    expect(() => trail.assertAvailable()).toThrow(ServiceUnavailableError);
    expect(trail.status()).toMatchObject({
      state: 'failing',
      uncommittedRecords: 1,
      lastError: expect.stringMatching(/audit_records/),
    });
    const logged = logger.error.mock.calls.find(([message]) =>
      message.startsWith('Audit record'),
    )![1] as { auditRecord: string };
    expect(JSON.parse(logged.auditRecord)).toEqual(lost);
    expect(logger.error).toHaveBeenCalledWith(
      expect.stringContaining('calls are refused'),
      expect.any(Error),
    );

    await database.schema.renameTable('away', 'audit_records');
    await trail.append(recordOf());
    trail.assertAvailable();
    expect(trail.status()).toMatchObject({
      state: 'ok',
      uncommittedRecords: 1,
    });
  });

  it('goes on loudly when it is configured to degrade, and loses no record', async () => {
    const database = await databases.init(databaseId);
    const { trail, logger } = await createAudit(database, {
      settings: { onFailure: 'degrade' },
    });
    await database.schema.dropTable('audit_records');
    for (const target of ['one', 'two', 'three']) {
      await trail.append(recordOf({ target }));
    }
    const messages = logger.error.mock.calls.map(([message]) => message);
    expect(
      messages.filter(message => message.startsWith('Audit record')),
    ).toHaveLength(3);
    expect(
      messages.filter(message => message.includes('THE AUDIT TRAIL FAILS')),
    ).toHaveLength(1);
    expect(trail.status()).toMatchObject({
      state: 'failing',
      onFailure: 'degrade',
      uncommittedRecords: 3,
    });
    trail.assertAvailable();
  });

  it('refuses records when too many or too large ones wait', async () => {
    const database = await databases.init(databaseId);
    const few = await createAudit(database, {
      settings: { maxQueuedRecords: 3 },
    });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 5 }, () => few.trail.append(recordOf())),
    );
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
    ]);
    await few.trail.append(recordOf());

    const small = await createAudit(database, {
      settings: { maxQueuedBytes: 2_000 },
    });
    const large = recordOf({ message: 'x'.repeat(900) });
    const [first, second] = await Promise.allSettled([
      small.trail.append(large),
      small.trail.append(large),
    ]);
    expect([first.status, second.status]).toEqual(['fulfilled', 'rejected']);
    await small.trail.append(large);
  });

  it('commits what waits when it is closed, and takes nothing more', async () => {
    const database = await databases.init(databaseId);
    const { trail } = await createAudit(database);
    const waiting = Promise.all([
      trail.append(recordOf()),
      trail.append(recordOf()),
    ]);
    await trail.close();
    expect(await targetsOf(database)).toHaveLength(2);
    await waiting;
    await expect(trail.append(recordOf())).rejects.toThrow(
      ServiceUnavailableError,
    );
    expect(() => trail.assertAvailable()).toThrow(ServiceUnavailableError);
  });

  it('notices while it runs that somebody changed its chain, and proves it in a new one', async () => {
    const database = await databases.init(databaseId);
    const { trail, logger, verify } = await createAudit(database);
    await trail.append(recordOf());
    const [old] = await database('audit_chains');
    await trail.append(recordOf({ target: 'what somebody wants to hide' }));
    // A genuine earlier state: by itself, nothing is wrong with it.
    await database('audit_records').where({ seq: 2 }).delete();
    await database('audit_chains').where({ writer: old.writer }).update(old);
    expect((await verify()).result.ok).toBe(true);

    await trail.append(recordOf());
    expect(logger.error).toHaveBeenCalledWith(
      expect.stringContaining('changed from outside'),
      expect.objectContaining({ writer: old.writer, seq: 2 }),
    );
    expect((await verify()).problems).toEqual([
      expect.objectContaining({
        kind: 'records-missing',
        writer: old.writer,
        seq: 2,
      }),
    ]);
  });

  it('is not held up by a record that somebody put in its way', async () => {
    const database = await databases.init(databaseId);
    const { trail, verify } = await createAudit(database);
    await trail.append(recordOf());
    const [row] = await database('audit_records');
    await database('audit_records').insert({ ...row, seq: 2 });
    await trail.append(recordOf());
    expect((await verify()).problems).toEqual([
      expect.objectContaining({ kind: 'records-added', seq: 2 }),
    ]);
  });
});

const postgres = databases
  .eachSupportedId()
  .filter(([id]) => id.startsWith('POSTGRES'));

(postgres.length ? describe : describe.skip)(
  'AuditTrail on a PostgreSQL that fails',
  () => {
    it('denies in time while the database is silent or gone, and goes on when it is back', async () => {
      const database = await databases.init('POSTGRES_15');
      const proxy = await TcpProxy.start(database);
      const through = knexFactory({
        client: 'pg',
        connection: {
          ...(database.client.connectionSettings as object),
          host: '127.0.0.1',
          port: proxy.port,
        },
        pool: { min: 0, max: 2 },
        acquireConnectionTimeout: 1_000,
      });
      const { verify } = await createAudit(database);
      const { trail } = await createAudit(through, {
        settings: { commitTimeoutMs: 1_000 },
        logger: mockServices.logger.mock(),
      });
      try {
        await untilResolved(() => trail.append(recordOf({ target: 'one' })));

        // The connection never ends by itself, and is given up nevertheless.
        proxy.silence();
        await expect(
          trail.append(recordOf({ target: 'silent' })),
        ).rejects.toThrow(ServiceUnavailableError);
        await untilResolved(() => trail.append(recordOf({ target: 'new' })));

        await proxy.cut();
        await expect(
          trail.append(recordOf({ target: 'gone' })),
        ).rejects.toThrow(ServiceUnavailableError);

        await proxy.restore();
        await untilResolved(() => trail.append(recordOf({ target: 'back' })));
        expect((await verify()).result).toMatchObject({ ok: true, chains: 1 });

        // The connection breaks while many are on their way.
        const many = Array.from({ length: 1_200 }, (_, n) => `tool-${n}`);
        const appended = Promise.allSettled(
          many.map(target => trail.append(recordOf({ target }))),
        );
        proxy.cutAfter(200_000);
        const committed = (await appended).flatMap(({ status }, n) =>
          status === 'fulfilled' ? [many[n]] : [],
        );
        expect(committed.length).toBeLessThan(many.length);
        expect((await verify()).result.ok).toBe(true);
        const kept = await targetsOf(database);
        expect(kept).toEqual(expect.arrayContaining(['one', 'new', 'back']));
        expect(kept).toEqual(expect.arrayContaining(committed));
      } finally {
        await trail.close();
        await through.destroy();
        await proxy.cut();
      }
    });
  },
);

(postgres.length ? describe : describe.skip)(
  'AuditTrail on connections that a pooler shares',
  () => {
    const connect = (database: Knex) =>
      knexFactory({
        client: 'pg',
        connection: database.client.connectionSettings,
        pool: { min: 1, max: 1 },
      });

    it('goes on when what it prepared is gone, or somebody prepared the same', async () => {
      const database = await databases.init('POSTGRES_15');
      const first = connect(database);
      const second = connect(database);
      const { verify } = await createAudit(database);
      const { trail } = await createAudit(first);
      const { trail: other } = await createAudit(second);
      try {
        await trail.append(recordOf({ target: 'opens the chain' }));
        await trail.append(recordOf({ target: 'prepares' }));
        const prepared = await first('pg_prepared_statements').select('name');
        expect(prepared).toHaveLength(1);

        await first.raw('deallocate all');
        await trail.append(recordOf({ target: 'gone' }));
        await trail.append(recordOf({ target: 'and for good' }));

        await second.raw('prepare ?? as select 1', [prepared[0].name]);
        await other.append(recordOf({ target: 'opens another' }));
        await other.append(recordOf({ target: 'there already' }));
        await other.append(recordOf({ target: 'and for good' }));
        expect((await verify()).result).toMatchObject({
          ok: true,
          chains: 2,
          records: 7,
        });
      } finally {
        await first.destroy();
        await second.destroy();
      }
    });
  },
);

describe('AuditTrail on a SQLite that is full', () => {
  it('denies, and goes on when there is room again', async () => {
    const database = await databases.init('SQLITE_3');
    const { trail, verify } = await createAudit(database);
    await trail.append(recordOf());
    const [{ page_count: pages }] = await database.raw('pragma page_count');
    await database.raw(`pragma max_page_count = ${pages}`);
    const large = recordOf({
      policyAttributes: { much: Array(10).fill('x'.repeat(900)) },
    });
    const outcomes = [];
    for (let n = 0; n < 20; n += 1) {
      outcomes.push(
        await trail.append(large).then(
          () => 'committed',
          error => error.name,
        ),
      );
    }
    expect(outcomes.at(-1)).toBe('ServiceUnavailableError');
    expect(trail.status().lastError).toMatch(/full/);

    await database.raw('pragma max_page_count = 1000000');
    await trail.append(large);
    const { result } = await verify();
    expect(result).toMatchObject({
      ok: true,
      chains: 1,
      records: outcomes.filter(outcome => outcome === 'committed').length + 2,
    });
  });
});
