import { MemoryLeaseStore } from './MemoryLeaseStore';
import { budgetOf, startReplica } from './TestReplica';

export const START_MS = Date.UTC(2026, 10, 21, 22, 30);

/** Replicas on a store that answers at once, unless it is down. */
export function startWorld(
  budgets = [budgetOf({ name: 'all', limit: 10 })],
  withoutDatabase?: 'allow',
) {
  let nowMs = START_MS;
  let isDown = false;
  const asks: number[] = [];
  const store = new MemoryLeaseStore(() => nowMs);
  const { renew, beat } = store;
  store.renew = (replica, all) => {
    asks.push(all.length);
    if (isDown) {
      return Promise.reject(new Error('down'));
    }
    const answer = renew.call(store, replica, all);
    store.decide(store.underWay - 1, 'answered');
    return answer;
  };
  store.beat = replica =>
    isDown ? Promise.reject(new Error('down')) : beat.call(store, replica);
  const start = () =>
    startReplica({
      store,
      budgets,
      withoutDatabase,
      clock: () => nowMs,
      startMs: nowMs,
    });
  return {
    ...start(),
    start,
    store,
    asks,
    setDown: (down: boolean) => {
      isDown = down;
    },
    wait: (ms: number) => {
      nowMs += ms;
    },
  };
}
