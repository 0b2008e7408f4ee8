import type {
  LoggerService,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import type { AuditKeys } from './AuditKeys';
import type { ChainStore, SignedChain } from './AuditStore';
import { dayOf, signChain } from './chain';

const DAY_MS = 24 * 60 * 60_000;

/** In one statement: few enough that records can be written in between. */
const DELETED_AT_ONCE = 1_000;

/**
 * Deletes records after their time, whole days at once. What remains of a chain says
 * so, signed, so that verification can tell retention from tampering.
 */
export class AuditRetention {
  readonly #store: ChainStore;
  readonly #keys: AuditKeys;
  readonly #retentionDays: number;
  readonly #logger: LoggerService;
  readonly #clock: () => Date;

  constructor(options: {
    store: ChainStore;
    keys: AuditKeys;
    settings: { retentionDays: number };
    logger: LoggerService;
    /** Default: the system's. */
    clock?: () => Date;
  }) {
    this.#store = options.store;
    this.#keys = options.keys;
    this.#retentionDays = options.settings.retentionDays;
    this.#logger = options.logger;
    this.#clock = options.clock ?? (() => new Date());
  }

  /** Expires from time to time, in one replica. */
  async schedule(scheduler: SchedulerService): Promise<void> {
    await scheduler.scheduleTask({
      id: 'expire-audit-records',
      frequency: { hours: 1 },
      timeout: { minutes: 50 },
      initialDelay: { minutes: 5 },
      fn: async () => {
        await this.expire();
      },
    });
  }

  /** Deletes what is too old. What an earlier run left is deleted, too. */
  async expire(): Promise<{ chains: number; records: number }> {
    const now = this.#clock();
    const firstKept = dayOf(
      new Date(now.getTime() - this.#retentionDays * DAY_MS),
    );
    let chains = 0;
    let records = 0;
    for (const chain of await this.#store.listChainsBefore(firstKept)) {
      const expired = this.#expired(chain, now);
      if (expired) {
        // First, so that records are never missing without a word.
        await this.#store.signChain(expired);
        records += await this.#deleteRecords(expired);
        chains += 1;
      }
    }
    await this.#renewSignatures();
    if (chains) {
      this.#logger.info(
        `Deleted ${records} audit records of ${chains} chains before ${firstKept}`,
      );
    }
    return { chains, records };
  }

  /** What remains is signed with the current key, so that old keys need not be kept for ever. */
  async #renewSignatures(): Promise<void> {
    const key = this.#keys.current;
    const chains = await this.#store.listExpiredChains({ notSignedBy: key.id });
    for (const chain of chains) {
      if (this.#isGenuine(chain)) {
        const renewed = { ...chain, keyId: key.id };
        await this.#store.signChain({
          ...renewed,
          mac: signChain(key, renewed),
        });
      }
    }
  }

  #isGenuine(chain: SignedChain): boolean {
    const key = this.#keys.get(chain.keyId);
    return key !== undefined && signChain(key, chain) === chain.mac;
  }

  /** A chain marked as expired; nothing when somebody changed it, because then it is evidence. */
  #expired(chain: SignedChain, now: Date): SignedChain | undefined {
    if (!this.#isGenuine(chain)) {
      this.#logger.error(
        'An audit chain is kept after its time: it was changed from outside, or its key is not configured any more',
        { day: chain.day, writer: chain.writer, keyId: chain.keyId },
      );
      return undefined;
    }
    if (chain.expiredAt) {
      return chain;
    }
    const expired = { ...chain, expiredAt: now };
    const mac = signChain(this.#keys.get(chain.keyId)!, expired);
    return { ...expired, mac };
  }

  async #deleteRecords(chain: SignedChain): Promise<number> {
    let deleted = 0;
    for (let after = 0; after < chain.seq; after += DELETED_AT_ONCE) {
      deleted += await this.#store.deleteRecords(chain, {
        after,
        upTo: Math.min(after + DELETED_AT_ONCE, chain.seq),
      });
    }
    return deleted;
  }
}
