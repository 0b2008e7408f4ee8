import { TestDatabases } from '@backstage/backend-test-utils';
import type { AuditExportTrailer } from '@prompt-corner/plugin-mcp-portal-common';
import type { Knex } from 'knex';
import crypto from 'node:crypto';
import {
  createAudit,
  KEYS,
  recordOf,
  testClock,
  verification,
} from './__testUtils__/auditFixture';
import { AuditKeys } from './AuditKeys';
import { AuditVerifier } from './AuditVerifier';
import { hashRecord } from './chain';
import { DatabaseChainStore } from './DatabaseChainStore';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

describe.each(databases.eachSupportedId())(
  'AuditVerifier on %s',
  databaseId => {
    /** Two writers on two days, five records each. */
    async function createTwoDays() {
      const database = await databases.init(databaseId);
      const { clock, setTo } = testClock('2026-11-20T12:00:00.000Z');
      const audit = await createAudit(database, { clock });
      const trails = [audit.trail, audit.newTrail()];
      for (const day of ['2026-11-20', '2026-11-21']) {
        setTo(`${day}T12:00:00.000Z`);
        for (const trail of trails) {
          for (let n = 1; n <= 5; n += 1) {
            await trail.append(recordOf({ target: `tool-${n}` }));
          }
        }
      }
      const [first, second] = trails.map(trail => trail.status().writer!);
      return { ...audit, database, first, second, trails };
    }

    type TwoDays = Awaited<ReturnType<typeof createTwoDays>>;

    const records = (database: Knex, day: string, writer: string) =>
      database('audit_records').where({ day, writer });

    it('has nothing to say of a trail that nobody changed', async () => {
      const { verify } = await createTwoDays();
      expect(await verify()).toEqual({
        problems: [],
        result: {
          type: 'result',
          ok: true,
          problems: 0,
          chains: 4,
          expiredChains: 0,
          records: 20,
        },
      });
      expect(
        (await verify({ from: '2026-11-21', to: '2026-11-21' })).result,
      ).toMatchObject({ ok: true, chains: 2, records: 10 });
    });

    const DAY = '2026-11-20';

    it.each<
      [
        string,
        (audit: TwoDays) => Promise<unknown>,
        Array<{ kind: string; seq?: number; day?: string }>,
      ]
    >([
      [
        'an edited record',
        async ({ database, first }) => {
          const [{ record }] = await records(database, DAY, first).where({
            seq: 3,
          });
          await records(database, DAY, first)
            .where({ seq: 3 })
            .update({ record: record.replace('"ok"', '"denied"') });
        },
        [{ kind: 'record-altered', seq: 3 }],
      ],
      [
        'an edited column that searches look at',
        ({ database, first }) =>
          records(database, DAY, first)
            .where({ seq: 3 })
            .update({ caller: null }),
        [{ kind: 'record-altered', seq: 3 }],
      ],
      [
        'an edited time',
        ({ database, first }) =>
          records(database, DAY, first)
            .where({ seq: 3 })
            .update({ at: new Date('2026-01-01') }),
        [{ kind: 'record-altered', seq: 3 }],
      ],
      [
        'a record that is no JSON any more',
        ({ database, first }) =>
          records(database, DAY, first)
            .where({ seq: 1 })
            .update({ record: '{' }),
        [{ kind: 'record-altered', seq: 1 }],
      ],
      [
        'a removed record',
        ({ database, first }) =>
          records(database, DAY, first).where({ seq: 3 }).delete(),
        [{ kind: 'records-missing', seq: 3 }],
      ],
      [
        'removed first records',
        ({ database, first }) =>
          records(database, DAY, first).where('seq', '<', 3).delete(),
        [{ kind: 'records-missing', seq: 1 }],
      ],
      [
        'a removed record, when those after it move up',
        async ({ database, first }) => {
          await records(database, DAY, first).where({ seq: 3 }).delete();
          for (const seq of [4, 5]) {
            await records(database, DAY, first)
              .where({ seq })
              .update({ seq: seq - 1 });
          }
        },
        [
          { kind: 'record-altered', seq: 3 },
          { kind: 'record-altered', seq: 4 },
          { kind: 'records-missing', seq: 5 },
        ],
      ],
      [
        'two records in another order',
        async ({ database, first }) => {
          for (const [from, to] of [
            [2, 100],
            [3, 2],
            [100, 3],
          ]) {
            await records(database, DAY, first)
              .where({ seq: from })
              .update({ seq: to });
          }
        },
        [
          { kind: 'record-altered', seq: 2 },
          { kind: 'record-altered', seq: 3 },
        ],
      ],
      [
        'a cut tail',
        ({ database, first }) =>
          records(database, DAY, first).where('seq', '>', 3).delete(),
        [{ kind: 'records-missing', seq: 4 }],
      ],
      [
        'a record after the end',
        async ({ database, first }) => {
          const [row] = await records(database, DAY, first).where({ seq: 5 });
          await database('audit_records').insert({ ...row, seq: 6 });
        },
        [{ kind: 'records-added', seq: 6 }],
      ],
      [
        'a record before the start',
        async ({ database, first }) => {
          const [row] = await records(database, DAY, first).where({ seq: 1 });
          await database('audit_records').insert({ ...row, seq: -7 });
        },
        [{ kind: 'record-altered', seq: -7 }],
      ],
      [
        'records of a writer that never was',
        async ({ database, first }) => {
          const [row] = await records(database, DAY, first).where({ seq: 1 });
          await database('audit_records').insert({ ...row, writer: 'nobody' });
        },
        [{ kind: 'chain-missing' }],
      ],
      [
        'a cut tail of which the chain says that it never was',
        async ({ database, first }) => {
          const [row] = await records(database, DAY, first).where({ seq: 3 });
          await records(database, DAY, first).where('seq', '>', 3).delete();
          await database('audit_chains')
            .where({ day: DAY, writer: first })
            .update({ seq: 3, hash: row.hash });
        },
        [
          { kind: 'chain-altered' },
          // The next day's chains saw more.
          { kind: 'records-missing', seq: 4 },
        ],
      ],
      [
        'a chain without its end',
        ({ database, first }) =>
          database('audit_chains').where({ day: DAY, writer: first }).delete(),
        [{ kind: 'chain-missing' }],
      ],
      [
        'a chain that is gone',
        async ({ database, first }) => {
          await records(database, DAY, first).delete();
          await database('audit_chains')
            .where({ day: DAY, writer: first })
            .delete();
        },
        [{ kind: 'chain-missing' }],
      ],
      [
        'a chain that somebody says has expired',
        async ({ database, first }) => {
          await records(database, DAY, first).delete();
          await database('audit_chains')
            .where({ day: DAY, writer: first })
            .update({ expired_at: new Date() });
        },
        [{ kind: 'chain-altered' }],
      ],
      [
        'a chain whose opening somebody changed',
        ({ database, first }) =>
          database('audit_chains')
            .where({ day: '2026-11-21', writer: first })
            .update({ opening: '[]' }),
        [{ kind: 'chain-altered', day: '2026-11-21' }],
      ],
    ])('finds %s, and says where', async (_, tamper, expected) => {
      const audit = await createTwoDays();
      await tamper(audit);
      const { problems, result } = await audit.verify();
      // Several later chains may have seen what is gone.
      const found = problems.map(({ day, kind, seq }) => [day, kind, seq]);
      expect(new Set(found.map(String))).toEqual(
        new Set(
          expected.map(({ day = DAY, kind, seq }) => String([day, kind, seq])),
        ),
      );
      expect(result.ok).toBe(false);
      for (const { writer } of problems) {
        expect([audit.first, 'nobody']).toContain(writer);
      }
    });

    it('finds that a whole day is gone', async () => {
      const { database, verify, first, second } = await createTwoDays();
      await database('audit_records').where({ day: DAY }).delete();
      await database('audit_chains').where({ day: DAY }).delete();
      const { problems } = await verify();
      expect(
        problems.map(({ kind, day, writer }) => [kind, day, writer]),
      ).toEqual(
        expect.arrayContaining([
          ['chain-missing', DAY, first],
          ['chain-missing', DAY, second],
        ]),
      );
    });

    it('knows by heads kept elsewhere what nobody in the database remembers', async () => {
      const { database, verify, auditExport } = await createTwoDays();
      const pages = [];
      for await (const page of auditExport.pages({
        from: '2026-11-20',
        to: '2026-11-21',
      })) {
        pages.push(...page);
      }
      const { heads: anchors } = pages.at(-1) as AuditExportTrailer;
      expect((await verify({ anchors })).result.ok).toBe(true);
      // The last day: no later one could carry it.
      await database('audit_records').where({ day: '2026-11-21' }).delete();
      await database('audit_chains').where({ day: '2026-11-21' }).delete();
      expect((await verify()).result.ok).toBe(true);
      expect(
        (await verify({ anchors })).problems.map(({ kind, day }) => [
          kind,
          day,
        ]),
      ).toEqual([
        ['chain-missing', '2026-11-21'],
        ['chain-missing', '2026-11-21'],
      ]);
    });

    it('finds by heads kept elsewhere what somebody with the key forged', async () => {
      const { database, verify, first } = await createTwoDays();
      const anchors = await database('audit_chains')
        .select('day', 'writer', 'seq', 'hash')
        .where({ day: DAY, writer: first });
      // Another trail with the same key, whose writer says that it is the first.
      await database('audit_records').delete();
      await database('audit_chains').delete();
      const id = jest
        .spyOn(crypto, 'randomUUID')
        .mockReturnValue(first as ReturnType<typeof crypto.randomUUID>);
      const forged = await createAudit(database, {
        clock: () => new Date(`${DAY}T12:00:00Z`),
      });
      id.mockRestore();
      for (let n = 1; n <= 6; n += 1) {
        await forged.trail.append(recordOf());
      }
      expect((await verify()).result.ok).toBe(true);
      expect((await verify({ anchors })).problems).toEqual([
        expect.objectContaining({
          kind: 'record-altered',
          writer: first,
          seq: 5,
        }),
      ]);
    });

    it('finds a record that is signed, and does not follow the one before', async () => {
      const { database, verify, first } = await createTwoDays();
      const row = await records(database, DAY, first).where({ seq: 3 }).first();
      const previousHash = '0'.repeat(64);
      await records(database, DAY, first)
        .where({ seq: 3 })
        .update({
          previous_hash: previousHash,
          hash: hashRecord(KEYS.current, {
            ...row,
            previousHash,
            text: row.record,
          }),
        });
      expect(
        (await verify()).problems.map(({ kind, seq }) => [kind, seq]),
      ).toEqual([
        ['record-altered', 3],
        ['record-altered', 4],
      ]);
    });

    it('takes what writers add meanwhile for what it is', async () => {
      const { verifier, trails } = await createTwoDays();
      const problems = [];
      for await (const event of verifier.verify()) {
        await Promise.all(trails.map(trail => trail.append(recordOf())));
        if (event.type === 'problem') {
          problems.push(event);
        }
      }
      expect(problems).toEqual([]);
    });

    it('verifies with every configured key, and says when one is missing', async () => {
      const database = await databases.init(databaseId);
      const old = await createAudit(database);
      await old.trail.append(recordOf());
      const secrets = [
        { id: 'second', secret: Buffer.alloc(32, 'b') },
        { id: 'first', secret: Buffer.alloc(32, 'a') },
      ];
      const both = new AuditKeys(secrets);
      const { trail, verify } = await createAudit(database, { keys: both });
      await trail.append(recordOf());
      expect((await verify()).result).toMatchObject({ ok: true, chains: 2 });

      const store = new DatabaseChainStore({ database });
      const withKeys = (keys: AuditKeys) =>
        verification(new AuditVerifier({ store, keys }));
      const { problems } = await withKeys(new AuditKeys(secrets.slice(0, 1)));
      expect(problems).toEqual([
        expect.objectContaining({
          kind: 'key-unknown',
          message: expect.stringContaining('"first"'),
        }),
      ]);
      const wrong = new AuditKeys([
        { id: 'first', secret: Buffer.alloc(32, 'c') },
        secrets[0],
      ]);
      expect((await withKeys(wrong)).problems.map(({ kind }) => kind)).toEqual([
        'chain-altered',
        'record-altered',
      ]);
    });
  },
);
