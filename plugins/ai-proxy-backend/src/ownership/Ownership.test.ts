import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { ConfigReader } from '@backstage/config';
import type { Knex } from 'knex';
import { migrate } from '../database/migrate';
import {
  expireObjects,
  OwnedObject,
  Ownership,
  OwnershipStore,
  readOwnershipRetention,
} from '.';

const ALICE = '11111111-1111-4111-8111-111111111111';
const BOB = '22222222-2222-4222-8222-222222222222';

function someFile(changes: Partial<OwnedObject> = {}): OwnedObject {
  return {
    provider: 'openai',
    kind: 'file',
    id: 'file-1',
    principal: ALICE,
    target: 'default',
    createdAtMs: 1_800_000_000_000,
    detail: {},
    ...changes,
  };
}

describe('Ownership', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });
  const logger = mockServices.logger.mock();

  describe.each(databases.eachSupportedId())('%p', databaseId => {
    let database: Knex;
    let store: OwnershipStore;
    let here: Ownership;
    let elsewhere: Ownership;

    beforeAll(async () => {
      database = await databases.init(databaseId);
      await migrate(database);
    });

    beforeEach(async () => {
      await database('stored_objects').delete();
      store = new OwnershipStore(database);
      here = new Ownership({ store, logger });
      elsewhere = new Ownership({ store, logger });
    });

    it('finds an object for its owner, on every replica, and for nobody else', async () => {
      const file = someFile({ detail: { purpose: 'batch' } });
      await here.record(file);
      for (const replica of [here, elsewhere]) {
        const find = (principal: string, providers = ['other', 'openai']) =>
          replica.find(principal, providers, 'file', 'file-1');
        await expect(find(ALICE)).resolves.toEqual(file);
        await expect(find(BOB)).resolves.toBeUndefined();
        await expect(find(ALICE, ['other'])).resolves.toBeUndefined();
      }
    });

    it('never gives an object to somebody else', async () => {
      await here.record(someFile());
      await expect(
        elsewhere.record(someFile({ principal: BOB })),
      ).rejects.toThrow('somebody else');
      await here.record(someFile({ detail: { purpose: 'batch' } }));
      await expect(
        elsewhere.find(ALICE, ['openai'], 'file', 'file-1'),
      ).resolves.toMatchObject({ detail: { purpose: 'batch' } });
    });

    it('takes nothing away by what is kept on the side', async () => {
      await here.record(someFile({ kind: 'response', id: 'resp_1' }));
      elsewhere.keep(
        someFile({ kind: 'response', id: 'resp_1', principal: BOB }),
      );
      // Until it has been seen whose it is.
      await new Promise(resolve => setTimeout(resolve, 500));
      await expect(
        elsewhere.find(BOB, ['openai'], 'response', 'resp_1'),
      ).resolves.toBeUndefined();
      await expect(
        elsewhere.find(ALICE, ['openai'], 'response', 'resp_1'),
      ).resolves.toMatchObject({ principal: ALICE });
    });

    it('has nothing for ids that no database takes', async () => {
      const id = 'file-1\0';
      await expect(
        here.find(ALICE, ['openai'], 'file', id),
      ).resolves.toBeUndefined();
      await expect(
        here.checkReferences(ALICE, ['openai'], [{ name: 'file_id', id }]),
      ).rejects.toThrow('No file');
    });

    it('forgets what was deleted', async () => {
      await here.record(someFile());
      await here.forget(someFile());
      await expect(
        here.find(ALICE, ['openai'], 'file', 'file-1'),
      ).resolves.toBeUndefined();
    });

    it('says where the things live that a request refers to', async () => {
      await here.record(someFile({ target: 'east' }));
      await here.record(
        someFile({ kind: 'response', id: 'resp_1', target: 'east' }),
      );
      const references = [
        { name: 'file_id', id: 'file-1' },
        { name: 'previous_response_id', id: 'resp_1' },
        { name: 'file_id', id: 'file-1' },
      ];
      const pin = { provider: 'openai', target: 'east', inputTokens: 0 };
      // Without waiting, for what is remembered.
      expect(here.checkReferences(ALICE, ['openai'], references)).toEqual(pin);
      await expect(
        elsewhere.checkReferences(ALICE, ['openai'], references),
      ).resolves.toEqual(pin);
      expect(elsewhere.checkReferences(ALICE, ['openai'], references)).toEqual(
        pin,
      );
      expect(here.checkReferences(ALICE, ['openai'], [])).toBeUndefined();
    });

    it.each([
      ['somebody else asks', BOB, 'file_id', 'file-1'],
      ['there is no such file', ALICE, 'file_id', 'file-2'],
      ['the id is of another kind', ALICE, 'previous_response_id', 'file-1'],
      ['the name is unknown', ALICE, 'item_reference', 'file-1'],
      ['the name is one of objects', ALICE, 'constructor', 'file-1'],
    ])(
      'says that nothing was found when %s',
      async (_, principal, name, id) => {
        await here.record(someFile());
        for (const replica of [here, elsewhere]) {
          await expect(
            (async () =>
              replica.checkReferences(
                principal,
                ['openai'],
                [{ name: 'file_id', id: 'file-1' }].concat({ name, id }),
              ))(),
          ).rejects.toMatchObject({ refusal: { status: 404 } });
        }
      },
    );

    it('knows the things of Gemini by their names and by their paths', async () => {
      await here.record(someFile({ provider: 'google', id: 'abc' }));
      await here.record(
        someFile({ provider: 'google', kind: 'cache', id: 'xyz' }),
      );
      expect(
        here.checkReferences(
          ALICE,
          ['google'],
          [
            { name: 'fileUri', id: 'files/abc' },
            { name: 'cachedContent', id: 'cachedContents/xyz' },
          ],
        ),
      ).toMatchObject({ provider: 'google', target: 'default' });
    });

    it('refuses a request to things in two places, and to very many', async () => {
      await here.record(someFile({ id: 'a', target: 'east' }));
      await here.record(someFile({ id: 'b', target: 'west' }));
      const check = (...ids: string[]) =>
        here.checkReferences(
          ALICE,
          ['openai'],
          ids.map(id => ({ name: 'file_id', id })),
        );
      expect(() => check('a', 'b')).toThrow('different');
      expect(() => check(...Array(5_001).fill('a'))).toThrow('5000');
    });

    it('lists what somebody has, page by page, in both directions', async () => {
      const ids = ['a', 'b', 'c', 'd', 'e'];
      for (const [index, id] of ids.entries()) {
        // Two at the same time.
        const createdAtMs = 1_000 + Math.floor(index / 2);
        await here.record(someFile({ id, createdAtMs }));
        await here.record(someFile({ id: `${id}2`, principal: BOB }));
        await here.record(someFile({ id, kind: 'batch' }));
      }
      const all = async (order: 'newest' | 'oldest') => {
        const found: string[] = [];
        let after: OwnedObject | undefined;
        for (;;) {
          const page = await elsewhere.page({
            principal: ALICE,
            providers: ['openai'],
            kind: 'file',
            order,
            after,
            limit: 2,
          });
          if (page.length === 0) {
            return found;
          }
          found.push(...page.map(({ id }) => id));
          after = page.at(-1);
        }
      };
      await expect(all('oldest')).resolves.toEqual(ids);
      await expect(all('newest')).resolves.toEqual([...ids].reverse());
    });

    it('forgets old objects, files later than others', async () => {
      const day = 24 * 60 * 60_000;
      const retention = readOwnershipRetention(
        new ConfigReader({
          aiProxy: { stored: { retention: { others: { days: 2 } } } },
        }),
      );
      const nowMs = 1_800_000_000_000;
      const createdAtMs = nowMs - 3 * day;
      await here.record(someFile({ createdAtMs }));
      await here.record(someFile({ createdAtMs, kind: 'batch' }));
      await here.record(
        someFile({ createdAtMs: nowMs - day, kind: 'batch', id: 'b-2' }),
      );
      await here.record(someFile({ createdAtMs: nowMs - 401 * day, id: 'f2' }));
      await expect(expireObjects(store, retention, nowMs)).resolves.toBe(2);
      const left = await database('stored_objects').select('kind', 'id');
      expect(left).toHaveLength(2);
      expect(left).toEqual(
        expect.arrayContaining([
          { kind: 'file', id: 'file-1' },
          { kind: 'batch', id: 'b-2' },
        ]),
      );
    });

    it('knows at once what is kept on the side', async () => {
      here.keep(someFile({ kind: 'response', id: 'resp_2' }));
      expect(
        here.checkReferences(
          ALICE,
          ['openai'],
          [{ name: 'previous_response_id', id: 'resp_2' }],
        ),
      ).toMatchObject({ provider: 'openai', target: 'default' });
      const found = () =>
        elsewhere.find(ALICE, ['openai'], 'response', 'resp_2');
      while (!(await found())) {
        await new Promise(resolve => setImmediate(resolve));
      }
    });
  });
});
