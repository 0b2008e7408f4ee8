import type { AuditRecord } from '@prompt-corner/plugin-mcp-portal-common';
import type { Chain, Head } from './chain';

/** A record in its place in a chain. */
export interface ChainedRecord extends Head {
  previousHash: string;
  /** The record as canonical JSON (RFC 8785), which is what the hash covers. */
  text: string;
  record: AuditRecord;
}

/** A chain and its signature. */
export interface SignedChain extends Chain {
  mac: string;
}

/** What a writer does in one transaction. */
export interface AuditTransaction {
  /** Locked until the transaction ends. */
  findChain(day: string, writer: string): Promise<SignedChain | undefined>;
  /** Chains of a day and later, and of the two days with chains before it. */
  listRecentChains(day: string): Promise<SignedChain[]>;
  insertChain(chain: SignedChain): Promise<void>;
  /**
   * Says that a chain goes on.
   *
   * @returns false when it does not stand where it did, and nothing was changed
   */
  moveChain(from: Head, to: SignedChain): Promise<boolean>;
  insertRecords(records: ChainedRecord[]): Promise<void>;
}

/**
 * Where audit records are written. What rejects may have been committed all the
 * same, when it was too late or the connection broke.
 */
export interface AuditStore {
  /**
   * Says that a chain goes on, and inserts what it goes on with, both or nothing,
   * within a time.
   *
   * @returns false when the chain does not stand where it did, and nothing was changed
   */
  append(
    from: Head,
    to: SignedChain,
    records: ChainedRecord[],
    timeoutMs: number,
  ): Promise<boolean>;
  /** Runs a transaction within a time. */
  transaction<T>(
    timeoutMs: number,
    work: (transaction: AuditTransaction) => Promise<T>,
  ): Promise<T>;
}

/** A record as it is found, which may not be as it was written. */
export interface FoundRecord {
  day: string;
  writer: string;
  seq: number;
  previousHash: string;
  hash: string;
  text: string;
  /** Whether the columns that repeat the record say the same. */
  columnsAgree: boolean;
}

/** Names a chain. */
export interface ChainId {
  day: string;
  writer: string;
}

/** What verification and retention do with chains. */
export interface ChainStore {
  /** The next chain of some days, in order; also one that has only records, or none. */
  nextChainId(options: {
    from?: string;
    to?: string;
    after?: ChainId;
  }): Promise<ChainId | undefined>;
  findChain(id: ChainId): Promise<SignedChain | undefined>;
  /** In order, and all from the start when `after` is not given. */
  listRecords(
    id: ChainId,
    range: { after?: number; upTo: number; limit: number },
  ): Promise<FoundRecord[]>;
  /** Hash of one record. */
  findHash(id: ChainId, seq: number): Promise<string | undefined>;
  /** The highest number of a record; 0 without one. */
  lastSeq(id: ChainId): Promise<number>;
  /** Chains before a day that still have records. */
  listChainsBefore(day: string): Promise<SignedChain[]>;
  /** Expired chains without records that another key signed. */
  listExpiredChains(options: { notSignedBy: string }): Promise<SignedChain[]>;
  /** Replaces the signature, the key's id and when the chain expired. */
  signChain(chain: SignedChain): Promise<void>;
  /** @returns how many there were */
  deleteRecords(
    id: ChainId,
    range: { after: number; upTo: number },
  ): Promise<number>;
}
