import { randomUUID } from 'node:crypto';
import { TestDatabases } from '@backstage/backend-test-utils';
import type { CallRequest } from '.';
import {
  administrator,
  access,
  alice,
  approve,
  call,
  deny,
  HOUR_MS,
  owner,
  startApprovals,
  stranger,
} from './__testUtils__/startApprovals';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

describe.each(databases.eachSupportedId())('Approvals on %s', databaseId => {
  let running: Awaited<ReturnType<typeof startApprovals>> | undefined;
  afterEach(() => running?.stop());

  async function start(options: { config?: object } = {}) {
    running = await startApprovals(await databases.init(databaseId), options);
    return running;
  }

  it('keeps what an approver has to know, and tells approvers once', async () => {
    const { approvals, notified, changes, second } = await start();
    const approval = await approvals.request(call);
    expect(approval).toMatchObject({
      kind: 'call',
      state: 'pending',
      requester: alice,
      portal: 'dev',
      server: 'gitlab',
      target: 'delete_project',
      summary: 'Deletes a project',
      arguments: call.arguments,
      argumentDigest: 'sha256:aa',
      approvers: ['group:default/platform-team'],
      policies: ['destructive'],
    });
    const left = Date.parse(approval.expiresAt) - Date.now();
    expect(Math.abs(left - HOUR_MS / 4)).toBeLessThan(60_000);
    expect(await second.approvals.request(call)).toEqual(approval);
    expect(await second.approvals.get(approval.id)).toEqual(approval);
    expect(notified).toEqual([approval]);
    expect(second.notified).toEqual([]);
    expect(changes).toEqual(['pending']);
  });

  it('asks anew about a tool that is not what it was', async () => {
    const { approvals } = await start();
    const { id } = await approvals.request(call);
    await approvals.decide(id, approve);
    const changed = await approvals.request({ ...call, pin: 'sha256:02' });
    expect(changed).toMatchObject({ state: 'pending' });
    expect(changed.id).not.toBe(id);
    expect((await approvals.request(call)).id).toBe(id);
  });

  it('tells approvers later of what could not be told when it was made, once', async () => {
    const { approvals, notified, notifications, second, trail, database } =
      await start();
    trail.failsNext = true;
    await expect(approvals.request(call)).rejects.toThrow('audit trail');
    notifications.work = false;
    const unnotified = await approvals.request(access);
    notifications.work = true;
    // Whoever makes a request may be about to tell of it.
    await approvals.notifyUntold();
    expect(notified).toEqual([]);
    const earlier = new Date(Date.now() - 2 * 60_000);
    await database('approvals').update({ created_at: earlier });
    await approvals.notifyUntold();
    await second.approvals.notifyUntold();
    expect(notified.map(({ id }) => id).sort()).toEqual(
      [(await approvals.request(call)).id, unnotified.id].sort(),
    );
    expect(second.notified).toEqual([]);
  });

  it('changes nothing that could not be recorded', async () => {
    const { approvals, changes, grants, store, trail } = await start();
    const { id } = await approvals.request(access);
    trail.isAvailable = false;
    for (const attempt of [
      () => approvals.request(call),
      () => approvals.decide(id, approve),
      () => approvals.cancel(id, alice),
    ]) {
      await expect(attempt()).rejects.toThrow(
        expect.objectContaining({ name: 'ServiceUnavailableError' }),
      );
    }
    expect(await store.list({ state: 'pending' }, { limit: 9 })).toHaveLength(
      1,
    );
    expect(await grants.list({})).toEqual([]);
    trail.isAvailable = true;
    await approvals.decide(id, approve);
    expect(changes).toEqual(['pending', 'approved']);
  });

  it('tells apart requests that differ in anything', async () => {
    const { approvals } = await start();
    const different: Array<Partial<CallRequest>> = [
      {},
      { requester: stranger.uuid },
      { portal: 'other' },
      { server: 'github' },
      { target: 'archive_project' },
      { argumentDigest: 'sha256:bb' },
      // A policy that now names others must not be satisfied by those it named before.
      { approvers: ['group:default/security'] },
    ];
    const ids = new Set<string>();
    for (const change of different) {
      ids.add((await approvals.request({ ...call, ...change })).id);
    }
    expect(ids.size).toBe(different.length);
  });

  it('makes one request of many at the same time', async () => {
    const { approvals, second, notified } = await start();
    const requests = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        (i % 2 ? approvals : second.approvals).request(call),
      ),
    );
    expect(new Set(requests.map(({ id }) => id)).size).toBe(1);
    expect(notified.length + second.notified.length).toBe(1);
  });

  it('is decided once when two replicas are asked at the same time', async () => {
    const { approvals, second, changes } = await start();
    for (let round = 0; round < 5; round++) {
      const { id } = await approvals.request({
        ...call,
        argumentDigest: `sha256:${round}`,
      });
      const outcomes = await Promise.allSettled([
        approvals.decide(id, approve),
        second.approvals.decide(id, { ...deny, by: administrator }),
      ]);
      const [won] = outcomes.flatMap(outcome =>
        outcome.status === 'fulfilled' ? [outcome.value] : [],
      );
      const lost = outcomes.filter(({ status }) => status === 'rejected');
      expect(lost).toEqual([
        expect.objectContaining({
          reason: expect.objectContaining({ name: 'ConflictError' }),
        }),
      ]);
      expect(await second.approvals.get(id)).toEqual(won);
      expect(won.decidedBy).toBe(
        won.state === 'approved' ? owner.uuid : administrator.uuid,
      );
    }
    const decisions = [...changes, ...second.changes].filter(
      state => state !== 'pending',
    );
    expect(decisions).toHaveLength(5);
  });

  it('lets only approvers decide, and never who asked', async () => {
    const { approvals } = await start();
    const { id } = await approvals.request(call);
    const requester = { ...owner, uuid: alice, mayDecideAll: true };
    for (const by of [requester, stranger]) {
      for (const decision of ['approve', 'deny'] as const) {
        await expect(approvals.decide(id, { decision, by })).rejects.toThrow(
          expect.objectContaining({ name: 'NotAllowedError' }),
        );
      }
    }
    expect((await approvals.get(id)).state).toBe('pending');
    const decided = await approvals.decide(id, {
      ...approve,
      reason: ' fine\u0000 ',
    });
    expect(decided).toMatchObject({
      state: 'approved',
      decidedBy: owner.uuid,
      reason: 'fine',
    });
    // Nor afterwards.
    await expect(
      approvals.decide(id, { ...approve, by: requester }),
    ).rejects.toThrow('Nobody decides a request of their own');
    await expect(approvals.decide(randomUUID(), approve)).rejects.toThrow(
      expect.objectContaining({ name: 'NotFoundError' }),
    );
    await expect(
      approvals.decide(id, { ...approve, reason: 'x'.repeat(2_001) }),
    ).rejects.toThrow('longer than 2000');
  });

  it('answers the same decision again with what was decided', async () => {
    const { approvals, second } = await start();
    const { id } = await approvals.request(call);
    const decided = await approvals.decide(id, approve);
    expect(
      await second.approvals.decide(id, { ...approve, by: administrator }),
    ).toEqual(decided);
    await expect(second.approvals.decide(id, deny)).rejects.toThrow(
      'This request is approved already',
    );
    await approvals.consume(id);
    expect(await approvals.decide(id, approve)).toMatchObject({
      state: 'used',
      decidedBy: owner.uuid,
    });
  });

  it('lets an approved call be made once', async () => {
    const { approvals, second } = await start();
    const { id } = await approvals.request(call);
    expect(await approvals.consume(id)).toBe(false);
    await approvals.decide(id, approve);
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        (i % 2 ? approvals : second.approvals).consume(id),
      ),
    );
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    expect(await approvals.consume(id)).toBe(false);
    expect(await approvals.consume(randomUUID())).toBe(false);
    expect((await approvals.get(id)).state).toBe('used');
    // The next call of the same kind is asked for anew.
    const next = await approvals.request(call);
    expect(next.id).not.toBe(id);
    expect(next.state).toBe('pending');
  });

  it('refuses what an approver could not see as a whole, and floods', async () => {
    const { approvals } = await start({ config: { maxPending: 2 } });
    const invalid: Array<[Partial<CallRequest>, string]> = [
      [{ arguments: { text: 'x'.repeat(65 * 1024) } }, 'several smaller calls'],
      [{ target: 'x'.repeat(513) }, 'The target of a request'],
      [{ target: 'a\u0000b' }, 'The target of a request'],
      [{ server: '' }, 'The server of a request'],
    ];
    for (const [change, message] of invalid) {
      await expect(approvals.request({ ...call, ...change })).rejects.toThrow(
        message,
      );
    }
    await approvals.request(call);
    await approvals.request(access);
    await expect(
      approvals.request({ ...call, argumentDigest: 'sha256:bb' }),
    ).rejects.toThrow('2 requests of yours wait already');
    // Neither others nor the same request are concerned.
    await approvals.request(call);
    await approvals.request({ ...call, requester: stranger.uuid });
  });

  it('lists page by page what somebody may decide, or asked for', async () => {
    const { approvals, store } = await start();
    const own = { ...call, requester: owner.uuid };
    for (let i = 0; i < 5; i++) {
      await approvals.request({ ...call, argumentDigest: `sha256:${i}` });
    }
    await approvals.request(own);
    await approvals.request({ ...call, approvers: ['group:default/other'] });
    const found: string[] = [];
    const conditions = {
      notRequester: owner.uuid,
      approvers: ['user:default/olivia', 'group:default/platform-team'],
    };
    let after: { createdAt: Date; id: string } | undefined;
    for (;;) {
      const page = await store.list(conditions, { limit: 2, after });
      if (!page.length) {
        break;
      }
      found.push(...page.map(({ argumentDigest }) => argumentDigest));
      const last = page.at(-1)!;
      after = { createdAt: new Date(last.createdAt), id: last.id };
    }
    expect(found.sort()).toEqual([0, 1, 2, 3, 4].map(i => `sha256:${i}`));
    const asked = await store.list({ requester: owner.uuid }, { limit: 9 });
    expect(asked).toHaveLength(1);
  });
});
