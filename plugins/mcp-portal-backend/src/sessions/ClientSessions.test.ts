import { TestDatabases } from '@backstage/backend-test-utils';
import { migrate } from '../database/migrate';
import { ClientSessions } from './ClientSessions';

jest.setTimeout(60_000);

const HOUR_MS = 60 * 60_000;
const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });
const ADA = { portal: 'default', callerUuid: 'ada', connectionId: 'hers' };
const STRANGER = { portal: 'open', callerUuid: 'of an address' };
const ABOUT = {
  protocolVersion: '2025-11-25',
  client: { info: { name: 'test', version: '1' }, capabilities: {} },
  subscriptions: [],
};

describe.each(databases.eachSupportedId())(
  'sessions of clients on %s',
  databaseId => {
    async function start() {
      const database = await databases.init(databaseId);
      await migrate(database);
      // Other replicas: this one remembers for a moment what it has read.
      const sessions = () => new ClientSessions({ database });
      /** As if time had passed since all of them were used. */
      const pass = async (ms: number) => {
        for (const row of await database('client_sessions')) {
          await database('client_sessions')
            .where({ id_hash: row.id_hash })
            .update({
              used_at: new Date(new Date(row.used_at).getTime() - ms),
            });
        }
      };
      const open = async (
        owner: typeof ADA | typeof STRANGER,
        count: number,
      ) => {
        const ids: string[] = [];
        for (let i = 0; i < count; i++) {
          ids.push(await sessions().open({ ...owner, ...ABOUT }));
          await pass(1_000);
        }
        return ids;
      };
      const openOf = async (
        owner: typeof ADA | typeof STRANGER,
        ids: string[],
      ) => {
        const found = await Promise.all(
          ids.map(id => sessions().find(id, owner)),
        );
        return ids.filter((_, index) => found[index]);
      };
      return { database, sessions, pass, open, openOf };
    }

    it.each([
      ['a user', ADA, 100],
      ['an address', STRANGER, 20],
    ])(
      'are so many of %s, and no more: the one that was unused for longest ends',
      async (_, owner, limit) => {
        const { open, openOf, sessions } = await start();
        const others = await open({ ...owner, callerUuid: 'another' }, 1);
        const [first, second, ...rest] = await open(owner, limit);
        // It was opened first, and used last.
        await sessions().find(first, owner);
        const [last] = await open(owner, 1);
        expect(await openOf(owner, [first, second, ...rest, last])).toEqual([
          first,
          ...rest,
          last,
        ]);
        expect(
          await openOf({ ...owner, callerUuid: 'another' }, others),
        ).toEqual(others);
      },
    );

    it('end a day after their last use, and of strangers an hour after it', async () => {
      const { database, open, openOf, sessions, pass } = await start();
      const own = await open(ADA, 1);
      const strange = await open(STRANGER, 1);
      await pass(HOUR_MS - 60_000);
      await sessions().deleteExpired();
      expect(await database('client_sessions')).toHaveLength(2);
      await pass(60_000);
      expect(await openOf(STRANGER, strange)).toEqual([]);
      await sessions().deleteExpired();
      expect(await database('client_sessions')).toHaveLength(1);
      expect(await openOf(ADA, own)).toEqual(own);
      await pass(24 * HOUR_MS + 1_000);
      expect(await openOf(ADA, own)).toEqual([]);
      await sessions().deleteExpired();
      expect(await database('client_sessions')).toEqual([]);
    });

    it('hold a limited amount of subscriptions', async () => {
      const { database, open, sessions } = await start();
      const [id] = await open(ADA, 1);
      const session = (await sessions().find(id, ADA))!;
      const subscriptions = (count: number) =>
        Array.from({ length: count }, (_, i) => `${i}`.padEnd(2_000, 'x'));
      await sessions().change(session, { subscriptions: subscriptions(32) });
      await expect(
        sessions().change(session, { subscriptions: subscriptions(33) }),
      ).rejects.toThrow(/more than 65536 characters together; end one first/);
      const [row] = await database('client_sessions');
      expect(JSON.parse(row.subscriptions)).toHaveLength(32);
    });
  },
);
