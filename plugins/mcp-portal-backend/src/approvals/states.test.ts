import { randomUUID } from 'node:crypto';
import { TestDatabases } from '@backstage/backend-test-utils';
import type {
  Approval,
  ApprovalState,
} from '@prompt-corner/plugin-mcp-portal-common';
import fc from 'fast-check';
import {
  access,
  administrator,
  call,
  HOUR_MS,
  owner,
  startApprovals,
  stranger,
} from './__testUtils__/startApprovals';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

const people = ['requester', 'owner', 'administrator', 'stranger'] as const;
const operation = fc.oneof(
  fc.record({
    do: fc.constantFrom('approve' as const, 'deny' as const),
    by: fc.constantFrom(...people),
  }),
  fc.record({
    do: fc.constant('cancel' as const),
    by: fc.constantFrom(...people),
  }),
  fc.record({
    do: fc.constantFrom('consume' as const, 'time passes' as const),
    by: fc.constant('requester' as const),
  }),
);

/** What has to become of a request, told in another way than the code tells it. */
function expected(
  kind: Approval['kind'],
  state: ApprovalState,
  { do: what, by }: { do: string; by: string },
): ApprovalState {
  const pending = state === 'pending';
  const waitsForCall = kind === 'call' && state === 'approved';
  if (what === 'time passes') {
    return pending || waitsForCall ? 'expired' : state;
  }
  if (what === 'consume') {
    return waitsForCall ? 'used' : state;
  }
  if (what === 'cancel') {
    return by === 'requester' && (pending || waitsForCall)
      ? 'cancelled'
      : state;
  }
  if (!pending || by === 'requester' || by === 'stranger') {
    return state;
  }
  return what === 'approve' ? 'approved' : 'denied';
}

describe.each(databases.eachSupportedId())('On %s', databaseId => {
  it.each(['call', 'access'] as const)(
    'a request for %s goes its way, whoever does what on which replica in what order',
    async kind => {
      const { approvals, second, pass, stop, grants } = await startApprovals(
        await databases.init(databaseId),
        { config: { maxPending: 100_000 } },
      );
      const property = fc.asyncProperty(
        fc.array(fc.tuple(operation, fc.boolean()), { maxLength: 8 }),
        async operations => {
          const requester = randomUUID();
          const asked = { ...(kind === 'call' ? call : access), requester };
          const { id } = await approvals.request(asked);
          const persons = {
            requester: { ...owner, uuid: requester, mayDecideAll: true },
            owner,
            administrator,
            stranger,
          };
          let state: ApprovalState = 'pending';
          for (const [step, onFirst] of operations) {
            const { approvals: here } = onFirst ? { approvals } : second;
            const act = {
              approve: () =>
                here.decide(id, { decision: 'approve', by: persons[step.by] }),
              deny: () =>
                here.decide(id, { decision: 'deny', by: persons[step.by] }),
              cancel: () => here.cancel(id, persons[step.by].uuid),
              consume: () => here.consume(id),
              'time passes': () => pass(HOUR_MS * 24 * 30),
            };
            // Whether it is refused is for other tests: here, what it leads to.
            await act[step.do]().catch(() => {});
            state = expected(kind, state, step);
            expect((await second.approvals.get(id)).state).toBe(state);
          }
          const granted = await grants.list({ principal: requester });
          expect(granted).toHaveLength(
            kind === 'access' && state === 'approved' ? 1 : 0,
          );
        },
      );
      await fc.assert(property, {
        numRuns: databaseId === 'SQLITE_3' ? 100 : 20,
      });
      stop();
    },
  );
});
