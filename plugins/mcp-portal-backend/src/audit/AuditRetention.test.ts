import { TestDatabases } from '@backstage/backend-test-utils';
import { createAudit, recordOf, testClock } from './__testUtils__/auditFixture';
import { AuditKeys } from './AuditKeys';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

describe.each(databases.eachSupportedId())(
  'AuditRetention on %s',
  databaseId => {
    /** Three records on each of three days; the first day is older than two days. */
    async function createThreeDays() {
      const database = await databases.init(databaseId);
      const { clock, setTo } = testClock();
      const options = { clock, settings: { retentionDays: 2 } };
      const audit = await createAudit(database, options);
      for (const day of ['2026-11-18', '2026-11-19', '2026-11-21']) {
        setTo(`${day}T23:00:00.000Z`);
        for (let n = 1; n <= 3; n += 1) {
          await audit.trail.append(recordOf({ target: `tool-${n}` }));
        }
      }
      const daysLeft = async () =>
        (await database('audit_records').orderBy(['day', 'seq'])).map(
          ({ day }) => day,
        );
      return { ...audit, database, setTo, clock, daysLeft };
    }

    it('deletes whole days after their time, which verification does not take for tampering', async () => {
      const { retention, verify, daysLeft, setTo } = await createThreeDays();
      expect(await retention.expire()).toEqual({ chains: 1, records: 3 });
      expect(await daysLeft()).toEqual([
        ...Array(3).fill('2026-11-19'),
        ...Array(3).fill('2026-11-21'),
      ]);
      expect((await verify()).result).toMatchObject({
        ok: true,
        chains: 3,
        expiredChains: 1,
        records: 6,
      });
      expect(await retention.expire()).toEqual({ chains: 0, records: 0 });
      setTo('2026-12-24T00:00:00.000Z');
      expect(await retention.expire()).toEqual({ chains: 2, records: 6 });
      expect((await verify()).result).toMatchObject({
        ok: true,
        expiredChains: 3,
        records: 0,
      });
    });

    it('goes on where it was interrupted', async () => {
      const { retention, chains, verify, daysLeft } = await createThreeDays();
      jest.spyOn(chains, 'deleteRecords').mockImplementationOnce(async id => {
        await chains.deleteRecords(id, { after: 0, upTo: 1 });
        throw new Error('stopped');
      });
      await expect(retention.expire()).rejects.toThrow('stopped');
      expect(await daysLeft()).toContain('2026-11-18');
      expect((await verify()).result).toMatchObject({ ok: true, records: 8 });
      expect(await retention.expire()).toEqual({ chains: 1, records: 2 });
      expect(await daysLeft()).not.toContain('2026-11-18');
    });

    it('leaves behind what nobody can change unseen', async () => {
      const { retention, verify, database } = await createThreeDays();
      const [old] = await database('audit_records').where({
        day: '2026-11-18',
        seq: 1,
      });
      await retention.expire();
      const kinds = async () =>
        (await verify()).problems.map(({ kind, day, seq }) => [kind, day, seq]);

      await database('audit_records').insert(old);
      expect(await kinds()).toEqual([]);
      await database('audit_records')
        .where({ day: '2026-11-18' })
        .update({ outcome: 'denied' });
      expect(await kinds()).toEqual([['record-altered', '2026-11-18', 1]]);
      await database('audit_records').where({ day: '2026-11-18' }).delete();

      const tombstone = database('audit_chains').where({ day: '2026-11-18' });
      const [row] = await tombstone.clone();
      await tombstone.clone().update({ expired_at: null });
      expect((await kinds())[0]).toEqual([
        'chain-altered',
        '2026-11-18',
        undefined,
      ]);
      await tombstone.clone().update({ expired_at: row.expired_at });
      expect(await kinds()).toEqual([]);
      await tombstone.clone().delete();
      expect(await kinds()).toEqual([
        ['chain-missing', '2026-11-18', undefined],
      ]);
    });

    it('keeps a chain that somebody changed, and says so', async () => {
      const { retention, database, logger, daysLeft } = await createThreeDays();
      await database('audit_chains')
        .where({ day: '2026-11-18' })
        .update({ seq: 2 });
      expect(await retention.expire()).toEqual({ chains: 0, records: 0 });
      expect(await daysLeft()).toContain('2026-11-18');
      expect(logger.error).toHaveBeenCalledWith(
        expect.stringContaining('is kept after its time'),
        expect.objectContaining({ day: '2026-11-18' }),
      );
    });

    it.each([1, 3])(
      'lets verification go on while it deletes, when it got as far as record %s',
      async upTo => {
        const { retention, chains, verify } = await createThreeDays();
        const deleteRecords = chains.deleteRecords.bind(chains);
        jest
          .spyOn(chains, 'deleteRecords')
          .mockImplementation(id => deleteRecords(id, { after: 0, upTo }));
        const listRecords = chains.listRecords.bind(chains);
        jest
          .spyOn(chains, 'listRecords')
          .mockImplementationOnce(async (...args) => {
            await retention.expire();
            return listRecords(...args);
          });
        expect((await verify()).problems).toEqual([]);
      },
    );

    it('makes an old key unnecessary once what it signed has expired', async () => {
      const { database, setTo, clock } = await createThreeDays();
      const old = { id: 'first', secret: Buffer.alloc(32, 'a') };
      const young = { id: 'second', secret: Buffer.alloc(32, 'b') };
      setTo('2026-12-24T00:00:00.000Z');
      const options = { clock, settings: { retentionDays: 2 } };
      const both = await createAudit(database, {
        ...options,
        keys: new AuditKeys([young, old]),
      });
      await both.trail.append(recordOf());
      await both.retention.expire();
      const { verify } = await createAudit(database, {
        ...options,
        keys: new AuditKeys([young]),
      });
      expect((await verify()).result).toMatchObject({
        ok: true,
        chains: 4,
        expiredChains: 3,
        records: 1,
      });
    });
  },
);
