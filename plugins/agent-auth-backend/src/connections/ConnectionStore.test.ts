import { TestDatabases } from '@backstage/backend-test-utils';
import { migrate } from '../database/migrate';
import { ConnectionStore } from './ConnectionStore';

jest.setTimeout(60_000);

const DAY_MS = 24 * 60 * 60_000;
const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

describe.each(databases.eachSupportedId())(
  'ConnectionStore on %s',
  databaseId => {
    async function create() {
      const database = await databases.init(databaseId);
      await migrate(database);
      const store = new ConnectionStore({ database });
      const insert = (id: string, createdAt = new Date()) =>
        store.insert({
          id,
          name: 'x',
          principal: 'p',
          client: { id: 'c', name: 'C', origin: 'registered' },
          grantType: 'personal_token',
          resources: [],
          limits: {},
          claims: {},
          createdAt: createdAt.toISOString(),
          expiresAt: new Date(Date.now() + 60_000).toISOString(),
        });
      return { store, insert };
    }

    it('finds connections by their age, and by how long nobody used them', async () => {
      const { store, insert } = await create();
      const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS);
      await insert('new', daysAgo(1));
      await insert('old and unused', daysAgo(40));
      await insert('old and used long ago', daysAgo(40));
      await insert('old and used', daysAgo(40));
      await store.recordUses([
        { connectionId: 'old and used long ago', at: daysAgo(35) },
        { connectionId: 'old and used', at: daysAgo(2) },
      ]);
      const idsOf = async (conditions: object) =>
        (await store.listActive(conditions)).map(({ id }) => id).sort();
      expect(await idsOf({ createdBefore: daysAgo(30) })).toEqual([
        'old and unused',
        'old and used',
        'old and used long ago',
      ]);
      expect(await idsOf({ unusedSince: daysAgo(30) })).toEqual([
        'old and unused',
        'old and used long ago',
      ]);
      expect(await store.countActive({ unusedSince: daysAgo(30) })).toBe(2);
    });

    it('keeps the newest use of each connection', async () => {
      const { store, insert } = await create();
      const ids = [1, 2].map(n => `00000000-0000-4000-8000-00000000000${n}`);
      for (const id of ids) {
        await insert(id);
      }
      const at = new Date('2026-11-21T08:00:00.000Z');
      await store.recordUses([
        { connectionId: ids[1], at, address: '192.0.2.1', userAgent: 'a/1' },
        { connectionId: ids[0], at },
      ]);
      await store.recordUses([
        {
          connectionId: ids[1],
          at: new Date(at.getTime() - 1),
          address: '::1',
        },
        { connectionId: ids[0], at: new Date(at.getTime() + 1_000) },
      ]);
      await store.recordUses([]);
      const [first, second] = (await store.getMany(ids)).sort((a, b) =>
        a.id < b.id ? -1 : 1,
      );
      expect(first.lastUsedAt).toBe('2026-11-21T08:00:01.000Z');
      expect(second).toMatchObject({
        lastUsedAt: '2026-11-21T08:00:00.000Z',
        lastUsedFrom: '192.0.2.1',
        device: 'a/1',
      });
    });
  },
);
