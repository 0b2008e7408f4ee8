import {
  isDatabaseConflictError,
  LoggerService,
} from '@backstage/backend-plugin-api';
import { ConflictError } from '@backstage/errors';
import type { AuditRecord } from '@prompt-corner/plugin-mcp-portal-common';
import { randomUUID } from 'node:crypto';
import type { AuditKeys } from './AuditKeys';
import type {
  AuditStore,
  AuditTransaction,
  ChainedRecord,
  SignedChain,
} from './AuditStore';
import {
  Chain,
  dayOf,
  hashOpening,
  hashRecord,
  Head,
  signChain,
} from './chain';

/** A record to write, and the same as canonical JSON. */
export interface WritableRecord {
  record: AuditRecord;
  text: string;
}

/** Thrown when somebody else changed the chain of this writer. */
class ChainAlteredError extends ConflictError {}

/**
 * Writes records to the chain of one process, one batch after the other; never two
 * at a time.
 */
export class ChainWriter {
  readonly #store: AuditStore;
  readonly #keys: AuditKeys;
  readonly #logger: LoggerService;
  readonly #clock: () => Date;

  #writer = randomUUID() as string;
  /** As committed last. */
  #chain?: Chain;
  /** What a transaction of unknown end would have made of it. */
  #uncertain?: Chain;

  constructor(options: {
    store: AuditStore;
    keys: AuditKeys;
    logger: LoggerService;
    clock: () => Date;
  }) {
    this.#store = options.store;
    this.#keys = options.keys;
    this.#logger = options.logger;
    this.#clock = options.clock;
  }

  /** UUID under which this process writes. */
  get writer(): string {
    return this.#writer;
  }

  /**
   * Commits records in the given order, all or none.
   *
   * @throws whatever the database does; the records may have been committed all the same
   */
  async write(records: WritableRecord[], timeoutMs: number): Promise<void> {
    try {
      await this.#commit(records, timeoutMs);
    } catch (error) {
      if (
        !(error instanceof ChainAlteredError || isDatabaseConflictError(error))
      ) {
        throw error;
      }
      this.#leaveChain();
      await this.#commit(records, timeoutMs);
    }
  }

  async #commit(records: WritableRecord[], timeoutMs: number): Promise<void> {
    const day = this.#today();
    const chain = this.#chain;
    const continues =
      chain?.day === day && chain.writer === this.#writer && !this.#uncertain;
    this.#chain = continues
      ? await this.#append(chain, records, timeoutMs)
      : await this.#store.transaction(timeoutMs, async transaction => {
          const found = await this.#findOrOpenChain(transaction, day);
          return this.#insert(transaction, found, records);
        });
    this.#uncertain = undefined;
  }

  /** Never back to an earlier day, when the clock is set back. */
  #today(): string {
    const today = dayOf(this.#clock());
    return this.#chain && this.#chain.day > today ? this.#chain.day : today;
  }

  async #append(
    chain: Chain,
    records: WritableRecord[],
    timeoutMs: number,
  ): Promise<Chain> {
    const { links, next } = this.#link(chain, records);
    this.#uncertain = next;
    if (!(await this.#store.append(chain, next, links, timeoutMs))) {
      throw new ChainAlteredError('The chain is not where it was left');
    }
    return next;
  }

  async #insert(
    transaction: AuditTransaction,
    chain: Chain,
    records: WritableRecord[],
  ): Promise<Chain> {
    const { links, next } = this.#link(chain, records);
    if (chain.seq === 0) {
      await transaction.insertChain(next);
    } else if (!(await transaction.moveChain(chain, next))) {
      throw new ChainAlteredError('The chain is not where it was left');
    }
    await transaction.insertRecords(links);
    // From here on, the transaction may be committed without this process knowing.
    this.#uncertain = next;
    return next;
  }

  async #findOrOpenChain(
    transaction: AuditTransaction,
    day: string,
  ): Promise<Chain> {
    const uncertain = this.#uncertain;
    if (uncertain?.day === day) {
      const stored = await transaction.findChain(day, this.#writer);
      if (stored?.hash === uncertain.hash) {
        return uncertain;
      }
    }
    const chain = this.#chain;
    if (chain?.day === day && chain.writer === this.#writer) {
      return chain;
    }
    if (uncertain) {
      // A chain that may yet appear must not be in the way of the new one.
      this.#writer = randomUUID();
    }
    return this.#openChain(transaction, day);
  }

  async #openChain(transaction: AuditTransaction, day: string): Promise<Chain> {
    const key = this.#keys.current;
    const chain = {
      day,
      writer: this.#writer,
      keyId: key.id,
      opening: JSON.stringify(
        this.#uncarried(await transaction.listRecentChains(day)),
      ),
    };
    return { ...chain, seq: 0, hash: hashOpening(key, chain) };
  }

  /**
   * The heads that a new chain has to carry: those that no other chain does, and
   * where this process left its own. A chain that stands where another one saw it is missed by that
   * one, which is missed by the new one; so openings stay short, however often
   * processes start.
   */
  #uncarried(chains: SignedChain[]): Head[] {
    const carried = new Set(
      chains.flatMap(chain => this.#openingOf(chain)).map(idOf),
    );
    const heads = chains.filter(chain => !carried.has(idOf(chain)));
    const own = this.#chain ? [this.#chain] : [];
    const unique = new Map(
      [...heads, ...own].map(chain => [idOf(chain), headOf(chain)]),
    );
    return [...unique.values()];
  }

  /** What a chain carries; nothing if somebody without a key wrote it. */
  #openingOf(chain: SignedChain): Head[] {
    const key = this.#keys.get(chain.keyId);
    return key && signChain(key, chain) === chain.mac
      ? JSON.parse(chain.opening)
      : [];
  }

  /**
   * Somebody changed what this process wrote. It goes on in a new chain, which
   * opens with what the old one was, so that verification misses it.
   */
  #leaveChain() {
    this.#logger.error(
      'The audit trail was changed from outside: verify it, and find out who writes to the database',
      { day: this.#chain?.day, writer: this.#writer, seq: this.#chain?.seq },
    );
    this.#writer = randomUUID();
    this.#uncertain = undefined;
  }

  /** Records in their places after a chain, and the chain with them. */
  #link(
    chain: Chain,
    records: WritableRecord[],
  ): { links: ChainedRecord[]; next: SignedChain } {
    const key = this.#keys.get(chain.keyId)!;
    const { day, writer } = chain;
    let { seq, hash } = chain;
    const links = records.map(({ record, text }) => {
      const previousHash = hash;
      seq += 1;
      hash = hashRecord(key, { day, writer, seq, previousHash, text });
      return { day, writer, seq, previousHash, hash, text, record };
    });
    const next = { ...chain, seq, hash };
    return { links, next: { ...next, mac: signChain(key, next) } };
  }
}

function headOf({ day, writer, seq, hash }: Head): Head {
  return { day, writer, seq, hash };
}

function idOf({ day, writer, seq, hash }: Head): string {
  return [day, writer, seq, hash].join(' ');
}
