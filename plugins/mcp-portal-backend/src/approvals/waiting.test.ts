import { randomUUID } from 'node:crypto';
import { TestDatabases } from '@backstage/backend-test-utils';
import {
  alice,
  approve,
  call,
  deny,
  HOUR_MS,
  owner,
  startApprovals,
} from './__testUtils__/startApprovals';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

describe.each(databases.eachSupportedId())(
  'Waiting for approvals on %s',
  databaseId => {
    let running: Awaited<ReturnType<typeof startApprovals>> | undefined;
    afterEach(() => running?.stop());

    async function start(options: { config?: object } = {}) {
      running = await startApprovals(await databases.init(databaseId), options);
      return running;
    }

    it('gives who asks again an approval that is not used, and a denial until it would have expired', async () => {
      const { approvals, second, pass } = await start();
      const { id } = await approvals.request(call);
      await approvals.decide(id, approve);
      expect(await second.approvals.request(call)).toMatchObject({
        id,
        state: 'approved',
      });
      await approvals.consume(id);
      const denied = await approvals.request(call);
      await approvals.decide(denied.id, { ...deny, reason: 'not today' });
      expect(await second.approvals.request(call)).toMatchObject({
        id: denied.id,
        state: 'denied',
        reason: 'not today',
      });
      await pass(HOUR_MS);
      const asked = await second.approvals.request(call);
      expect(asked.state).toBe('pending');
      expect((await approvals.get(denied.id)).state).toBe('denied');
    });

    it('expires, whether or not anything has marked it', async () => {
      const { approvals, store, pass } = await start();
      const pending = await approvals.request(call);
      const other = { ...call, argumentDigest: 'sha256:bb' };
      const approved = await approvals.request(other);
      await approvals.decide(approved.id, approve);
      await pass(HOUR_MS);

      const page = { limit: 10 };
      expect((await approvals.get(pending.id)).state).toBe('expired');
      expect(await store.list({ state: 'pending' }, page)).toEqual([]);
      expect(await store.list({ state: 'approved' }, page)).toEqual([]);
      expect(await store.list({ state: 'expired' }, page)).toHaveLength(2);
      for (const decision of [approve, deny]) {
        await expect(approvals.decide(pending.id, decision)).rejects.toThrow(
          'This request is expired already',
        );
      }
      await expect(approvals.cancel(pending.id, alice)).rejects.toThrow(
        'is expired already',
      );
      expect(await approvals.consume(approved.id)).toBe(false);
      expect(await approvals.wait(pending.id)).toMatchObject({
        state: 'expired',
      });
      expect(await approvals.expire()).toBe(2);
      expect(await approvals.expire()).toBe(0);
      expect((await approvals.request(call)).state).toBe('pending');
    });

    it('is withdrawn by who asked only', async () => {
      const { approvals, pass } = await start();
      const { id } = await approvals.request(call);
      await expect(approvals.cancel(id, owner.uuid)).rejects.toThrow(
        expect.objectContaining({ name: 'NotFoundError' }),
      );
      const cancelled = await approvals.cancel(id, alice);
      expect(cancelled.state).toBe('cancelled');
      expect(await approvals.cancel(id, alice)).toEqual(cancelled);
      await expect(approvals.decide(id, approve)).rejects.toThrow(
        'is cancelled already',
      );
      await pass(HOUR_MS);
      expect((await approvals.get(id)).state).toBe('cancelled');
    });

    it('is waited for on every replica', async () => {
      const { approvals, second } = await start();
      const { id } = await approvals.request(call);
      const waits = [
        approvals.wait(id),
        approvals.wait(id),
        second.approvals.wait(id),
      ];
      await second.approvals.decide(id, approve);
      const states = (await Promise.all(waits)).map(({ state }) => state);
      expect(states).toEqual(['approved', 'approved', 'approved']);
      expect((await approvals.wait(id)).state).toBe('approved');
      await expect(approvals.wait(randomUUID())).rejects.toThrow(
        expect.objectContaining({ name: 'NotFoundError' }),
      );
    });

    it('stops waiting when told to', async () => {
      const { approvals, second } = await start();
      const { id } = await approvals.request(call);
      const controller = new AbortController();
      const aborted = approvals.wait(id, { signal: controller.signal });
      const stopped = approvals.wait(id);
      controller.abort(new Error('the client went away'));
      await expect(aborted).rejects.toThrow('the client went away');
      await expect(
        approvals.wait(id, { signal: controller.signal }),
      ).rejects.toThrow('the client went away');
      approvals.stop();
      await expect(stopped).rejects.toThrow('The portal is stopping');
      await expect(approvals.wait(id)).rejects.toThrow(
        'The portal is stopping',
      );
      // A restart loses nothing.
      await second.approvals.decide(id, approve);
      expect((await second.approvals.wait(id)).state).toBe('approved');
    });

    it('keeps waiting while the database is away', async () => {
      const { approvals, store } = await start();
      const { id } = await approvals.request(call);
      const failed = jest
        .spyOn(store, 'statesOf')
        .mockRejectedValueOnce(new Error('connection lost'));
      const waiting = approvals.wait(id);
      while (failed.mock.calls.length < 2) {
        await new Promise(resolve => setImmediate(resolve));
      }
      await approvals.decide(id, deny);
      expect((await waiting).state).toBe('denied');
    });

    // SQLite has one process, and so one clock.
    it.each(databaseId === 'SQLITE_3' ? [0] : [-HOUR_MS, HOUR_MS])(
      'agrees with a replica whose clock is off by %i ms on what has expired',
      async skewMs => {
        const { approvals, clock, database } = await start();
        const realNow = Date.now;
        const atSkewedTime = async <T>(action: () => Promise<T>) => {
          const dateNow = jest
            .spyOn(Date, 'now')
            .mockImplementation(() => realNow() + skewMs);
          try {
            return await action();
          } finally {
            dateNow.mockRestore();
          }
        };
        const { id, createdAt, expiresAt } = await atSkewedTime(() =>
          approvals.request(call),
        );
        expect(Date.parse(expiresAt) - Date.parse(createdAt)).toBeCloseTo(
          15 * 60_000,
          -3,
        );
        expect(Math.abs(Date.parse(createdAt) - Date.now())).toBeLessThan(
          60_000,
        );
        await approvals.decide(id, approve);
        expect(await atSkewedTime(() => approvals.expire())).toBe(0);
        expect(await atSkewedTime(() => approvals.consume(id))).toBe(true);

        const late = await approvals.request(call);
        await database('approvals')
          .where('id', late.id)
          .update({ expires_at: clock.in(-1) });
        await expect(
          atSkewedTime(() => approvals.decide(late.id, approve)),
        ).rejects.toThrow('is expired already');
        expect(await atSkewedTime(() => approvals.expire())).toBe(1);
      },
    );
  },
);
