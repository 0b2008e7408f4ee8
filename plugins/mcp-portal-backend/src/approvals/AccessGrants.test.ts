import { TestDatabases } from '@backstage/backend-test-utils';
import {
  access,
  administrator,
  alice,
  approve,
  deny,
  HOUR_MS,
  owner,
  startApprovals,
  stranger,
} from './__testUtils__/startApprovals';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

describe.each(databases.eachSupportedId())(
  'Access grants on %s',
  databaseId => {
    let running: Awaited<ReturnType<typeof startApprovals>> | undefined;
    afterEach(() => running?.stop());

    async function start(options: { config?: object } = {}) {
      running = await startApprovals(await databases.init(databaseId), options);
      return running;
    }

    it('grants access when it is approved, and only then', async () => {
      const { approvals, grants, second } = await start();
      const { id } = await approvals.request(access);
      expect(await approvals.request(access)).toMatchObject({ id });
      expect(await second.grants.grantsOf(alice)).toEqual([]);
      await second.approvals.decide(id, approve);
      const [grant, ...others] = await second.grants.grantsOf(alice);
      expect(others).toEqual([]);
      expect(grant).toMatchObject({
        approvalId: id,
        principal: alice,
        server: 'gitlab',
        toolClasses: ['read', 'write'],
        grantedBy: owner.uuid,
      });
      expect(grant).not.toHaveProperty('portal', expect.anything());
      const left = Date.parse(grant.until) - Date.now();
      expect(Math.abs(left - HOUR_MS)).toBeLessThan(60_000);
      expect(await approvals.consume(id)).toBe(false);
      await approvals.decide(id, approve);
      expect(await grants.list({ server: 'gitlab' })).toEqual([grant]);
    });

    it('is ended, and found, by who has it, who may decide the request, and nobody else', async () => {
      const { approvals, grants, second } = await start();
      const itself = { ...stranger, uuid: alice };
      const refusal = expect.objectContaining({ name: 'NotFoundError' });
      for (const by of [owner, administrator, itself]) {
        const { id } = await approvals.request(access);
        await approvals.decide(id, approve);
        const [grant] = await grants.list({});
        expect(await grants.list({ endableBy: stranger })).toEqual([]);
        await expect(grants.revoke(grant.id, stranger)).rejects.toThrow(
          refusal,
        );
        expect(await second.grants.list({ endableBy: by })).toEqual([grant]);
        expect(await second.grants.revoke(grant.id, by)).toEqual(grant);
        expect(await second.grants.grantsOf(alice)).toEqual([]);
        await expect(grants.revoke(grant.id, by)).rejects.toThrow(refusal);
      }
    });

    it('is ended by who approved it as long as it lasts, however old the request is', async () => {
      const { approvals, grants, database } = await start();
      const { id } = await approvals.request(access);
      await approvals.decide(id, approve);
      const [grant] = await grants.list({});
      const longAgo = new Date(0);
      await database('approvals').update({
        created_at: longAgo,
        expires_at: longAgo,
      });
      await approvals.expire();
      await grants.revoke(grant.id, owner);
      expect(await grants.list({})).toEqual([]);
    });

    it('grants nothing when access is denied, and lets the user ask again', async () => {
      const { approvals, grants } = await start();
      const { id } = await approvals.request(access);
      await approvals.decide(id, deny);
      expect(await grants.grantsOf(alice)).toEqual([]);
      expect((await approvals.request(access)).id).not.toBe(id);
    });

    it('ends access with its time, and forgets what ended long ago', async () => {
      const { approvals, grants, database, pass } = await start();
      const { id } = await approvals.request(access);
      await approvals.decide(id, approve);
      await pass(HOUR_MS, 'access_grants');
      expect(await grants.grantsOf(alice)).toEqual([]);
      await approvals.expire();
      expect(await database('access_grants')).toHaveLength(1);
      await pass(24 * HOUR_MS, 'access_grants');
      await approvals.expire();
      expect(await database('access_grants')).toEqual([]);
      // Access that was approved does not become "expired".
      await pass(15 * 24 * HOUR_MS);
      expect((await approvals.get(id)).state).toBe('approved');
      await pass(100 * 24 * HOUR_MS);
      await database('approvals').update({ created_at: new Date(0) });
      await approvals.expire();
      expect(await database('approvals')).toEqual([]);
      expect(await database('approval_approvers')).toEqual([]);
    });
  },
);
