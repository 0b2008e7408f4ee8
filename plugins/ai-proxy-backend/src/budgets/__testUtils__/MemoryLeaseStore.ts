import {
  BucketState,
  Lease,
  LeaseAnswer,
  LeaseAsk,
  LeaseStore,
  renewLease,
} from '../leases';

/** What becomes of a question on its way to the store and back. */
export type Fate =
  | 'answered'
  /** It never arrives. */
  | 'lost'
  /** It has its effect, and the answer never arrives. */
  | 'unanswered'
  /** Nobody waits for it anymore, and it has its effect later, or never. */
  | 'late';

interface Question {
  effect(): unknown;
  resolve(answer: any): void;
  reject(error: Error): void;
}

const SCARCE_MS = 10_000;

/** A store in memory, behind a network on which a test decides what happens when. */
export class MemoryLeaseStore implements LeaseStore {
  readonly buckets = new Map<string, BucketState & { scarceUntilMs: number }>();
  readonly leases = new Map<string, Map<string, Lease>>();
  /** Replicas that do not get through. */
  readonly cutOff = new Set<string>();
  /** Replicas that are gone, and not heard of. */
  readonly unseen = new Set<string>();
  #under: Question[] = [];
  #late: Question[] = [];

  /** @param now - milliseconds since 1970 */
  constructor(private readonly now: () => number) {}

  /** How many questions wait for a {@link Fate}. */
  get underWay(): number {
    return this.#under.length;
  }

  renew(replica: string, asks: LeaseAsk[]) {
    return this.#send<{
      nowMs: number;
      answers: Array<LeaseAnswer | undefined>;
    }>(() => ({
      nowMs: this.now(),
      answers: asks.map(ask => this.#renew(replica, ask)),
    }));
  }

  async beat(replica: string) {
    if (this.cutOff.has(replica)) {
      throw new Error('cut off');
    }
    const nowMs = this.now();
    const scarce = [...this.buckets]
      .filter(([, { scarceUntilMs }]) => scarceUntilMs > nowMs)
      .map(([id]) => id);
    return { nowMs, scarce: new Set(scarce) };
  }

  /** Decides about one question. Late ones come after those that are under way. */
  decide(index: number, fate: Fate): void {
    const all = this.#under.length + this.#late.length;
    if (!all) {
      return;
    }
    const chosen = index % all;
    if (chosen >= this.#under.length) {
      this.#late.splice(chosen - this.#under.length, 1)[0].effect();
      return;
    }
    const [question] = this.#under.splice(chosen, 1);
    switch (fate) {
      case 'answered':
        question.resolve(question.effect());
        break;
      case 'unanswered':
        question.effect();
        question.reject(new Error('no answer'));
        break;
      default:
        if (fate === 'late') {
          this.#late.push(question);
        }
        question.reject(new Error('lost'));
    }
  }

  #send<T>(effect: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#under.push({ effect, resolve, reject });
    });
  }

  #renew(replica: string, ask: LeaseAsk): LeaseAnswer | undefined {
    const { id } = ask.bucket;
    const bucket = this.buckets.get(id) ?? {
      leased: 0,
      spent: 0,
      scarceUntilMs: 0,
    };
    const leases = this.leases.get(id) ?? new Map<string, Lease>();
    const renewed = renewLease(bucket, leases.get(replica), ask);
    if (!renewed) {
      return undefined;
    }
    leases.set(replica, renewed.lease);
    this.leases.set(id, leases);
    this.buckets.set(id, {
      ...renewed.bucket,
      scarceUntilMs: renewed.isScarce
        ? this.now() + SCARCE_MS
        : bucket.scarceUntilMs,
    });
    const { granted } = renewed.lease;
    const isMet = granted >= ask.spent + ask.reserved + ask.need;
    const others = [...leases].filter(([other]) => !isMet && other !== replica);
    const sum = (isGone: boolean, amount: (lease: Lease) => number) =>
      others
        .filter(([other]) => this.unseen.has(other) === isGone)
        .reduce((total, [, lease]) => total + amount(lease), 0);
    return {
      granted,
      spent: renewed.bucket.spent,
      atHandElsewhere: sum(
        false,
        lease => lease.granted - lease.spent - lease.reserved,
      ),
      unaccounted: sum(true, lease => lease.granted - lease.spent),
    };
  }
}
