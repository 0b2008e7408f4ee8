import type { Amount } from '../amounts';
import type { Demand } from '../matching';
import type { Reservation } from '../Reservation';
import { MemoryLeaseStore } from './MemoryLeaseStore';
import { BUDGETS, DEMANDS, LIMITS, Step, Story } from './stories';
import { settled, startReplica, TestReplica } from './TestReplica';

const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2026, 10, 21, 22, 30);

/** A request with the buckets for which it counts, as the test reckons. */
interface Running {
  replica: string;
  buckets: string[];
  reserved: Amount;
  reservation: Reservation;
}

/** Keeps its own books of what requests take, beside those under test. */
export class World {
  nowMs = START_MS;
  readonly store = new MemoryLeaseStore(() => this.nowMs);
  readonly replicas: TestReplica[] = [];
  readonly running: Running[] = [];
  /** Of each bucket: what was settled, and is or was reserved by requests that never will be. */
  readonly committed = new Map<string, number>();
  /** The same, of each replica that has not crashed. */
  readonly committedBy = new Map<string, Map<string, number>>();
  /** Of each bucket: by how much requests took more than they had reserved. */
  readonly overrun = new Map<string, number>();
  readonly #skewMs: number[] = [];

  constructor(private readonly story: Story) {
    for (let index = 0; index < story.replicas; index += 1) {
      this.#skewMs.push((index - 1) * 45_000);
      this.replicas.push(this.#start(index));
    }
  }

  #start(index: number): TestReplica {
    return startReplica({
      store: this.store,
      budgets: BUDGETS[this.story.scenario],
      clock: () => this.nowMs + this.#skewMs[index],
      startMs: this.nowMs + this.#skewMs[index],
    });
  }

  skew(index: number, ms: number): void {
    this.#skewMs[index] += ms;
  }

  async reserve(index: number, who: number, amount: Amount) {
    const replica = this.replicas[index];
    const buckets = this.bucketsOf(DEMANDS[who], replica.time.now());
    const outcome = await replica.budgets.reserve(DEMANDS[who], amount);
    if (outcome.kind === 'refusal') {
      return outcome;
    }
    if (this.replicas[index] !== replica) {
      // It is gone, and so is the request: nobody asks a provider.
      return undefined;
    }
    for (const bucket of buckets) {
      this.#commit(replica.id, bucket, amountOf(bucket, amount));
    }
    this.running.push({
      replica: replica.id,
      buckets,
      reserved: amount,
      reservation: outcome,
    });
    return outcome;
  }

  settle(which: number, percent: number): void {
    if (!this.running.length) {
      return;
    }
    const [{ replica, buckets, reserved, reservation }] = this.running.splice(
      which % this.running.length,
      1,
    );
    const share = (amount: number) => Math.ceil((amount * percent) / 100);
    const actual = {
      nanoUsd: share(reserved.nanoUsd),
      tokens: share(reserved.tokens),
      requests: share(reserved.requests),
    };
    for (const bucket of buckets) {
      const more = amountOf(bucket, actual) - amountOf(bucket, reserved);
      this.#commit(replica, bucket, more);
      add(this.overrun, bucket, Math.max(0, more));
    }
    reservation.settle(actual);
    reservation.settle({ nanoUsd: 1e9, tokens: 1e9, requests: 1e9 });
  }

  #commit(replica: string, bucket: string, amount: number): void {
    add(this.committed, bucket, amount);
    const own = this.committedBy.get(replica) ?? new Map<string, number>();
    this.committedBy.set(replica, own);
    add(own, bucket, amount);
  }

  bucketsOf({ user, teams }: Demand, atMs: number): string[] {
    const hour = Math.floor(atMs / HOUR_MS);
    const day = Math.floor(atMs / HOUR_MS / 24);
    return this.story.scenario === 'one'
      ? [`all/${day}`]
      : [
          `all/${day}`,
          ...teams.map(team => `team/${team}/${hour}`),
          `user/${user}/${day}`,
        ];
  }

  /** Kill -9: what runs is never settled, and nobody knows what the provider charges. */
  crash(index: number): void {
    const { id } = this.replicas[index];
    this.store.unseen.add(id);
    this.committedBy.delete(id);
    for (let at = this.running.length - 1; at >= 0; at -= 1) {
      if (this.running[at].replica === id) {
        this.running.splice(at, 1);
      }
    }
    this.replicas[index] = this.#start(index);
  }

  async stop(index: number): Promise<void> {
    const old = this.replicas[index];
    const stopping = old.keeper.stop();
    await settled();
    while (this.store.underWay) {
      this.store.decide(0, 'answered');
      await settled();
    }
    await stopping;
    this.store.unseen.add(old.id);
    this.replicas[index] = this.#start(index);
  }

  /** The network works, and everybody does what is due. */
  async calm(): Promise<void> {
    this.store.cutOff.clear();
    for (let round = 0; round < 6; round += 1) {
      this.replicas.forEach(replica => {
        replica.keeper.tick().catch(() => {});
      });
      await settled();
      while (this.store.underWay) {
        this.store.decide(0, 'answered');
        await settled();
      }
    }
  }

  assertWithinLimits(): void {
    for (const [bucket, committed] of this.committed) {
      const name = bucket.split('/')[0];
      const most = LIMITS[name] + (this.overrun.get(bucket) ?? 0);
      if (committed > most) {
        throw new Error(`${bucket} has ${committed}, of at most ${most}`);
      }
    }
  }
}

function amountOf(bucket: string, amount: Amount): number {
  const units: Record<string, number> = {
    all: amount.requests,
    team: amount.tokens,
    user: amount.nanoUsd,
  };
  return units[bucket.split('/')[0]];
}

function add(map: Map<string, number>, key: string, value: number): void {
  map.set(key, (map.get(key) ?? 0) + value);
}

export async function take(world: World, step: Step): Promise<void> {
  const { store, replicas } = world;
  const before = store.underWay;
  switch (step.type) {
    case 'reserve':
      world.reserve(step.replica, step.who, step.amount).catch(() => {});
      break;
    case 'settle':
      world.settle(step.which, step.percent);
      break;
    case 'tick':
      replicas[step.replica].keeper.tick().catch(() => {});
      break;
    case 'decide':
      store.decide(step.which, step.fate ?? 'answered');
      break;
    case 'cut':
      store.cutOff.add(replicas[step.replica].id);
      break;
    case 'heal':
      store.cutOff.delete(replicas[step.replica].id);
      break;
    case 'crash':
      world.crash(step.replica);
      break;
    case 'stop':
      await world.stop(step.replica);
      break;
    case 'wait':
      world.nowMs += step.ms;
      break;
    default:
      world.skew(step.replica, step.ms);
  }
  await settled();
  while (step.fate && step.type !== 'decide' && store.underWay > before) {
    store.decide(store.underWay - 1, step.fate);
    await settled();
  }
}

/** What requests of replicas that live have taken, and those that are gone have leased. */
export function takenOf(
  world: World,
  bucket: string,
  bucketId: string,
): number {
  const alive = new Set<string>(world.replicas.map(({ id }) => id));
  const gone = [...(world.store.leases.get(bucketId) ?? [])].filter(
    ([replica]) => !alive.has(replica),
  );
  return (
    sumOf([...alive].map(id => world.committedBy.get(id)?.get(bucket) ?? 0)) +
    sumOf(gone.map(([, lease]) => lease.granted))
  );
}

function sumOf(amounts: number[]): number {
  return amounts.reduce((sum, amount) => sum + amount, 0);
}
