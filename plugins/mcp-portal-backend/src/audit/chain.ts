import type { AuditHead } from '@prompt-corner/plugin-mcp-portal-common';
import type { AuditKey } from './AuditKeys';

/*
 * How records are chained.
 *
 * Each process that writes (a writer) has one chain for each UTC day. A record's
 * hash covers the hash of the record before, so none can be changed, taken out or put
 * in without the key. What a chain cannot tell by itself is that its end, or all of
 * it, is gone: for that the table of chains says where each one stands, signed, in
 * the transaction of the records. And each chain opens with where the others stood,
 * so that a chain that vanishes is missed by the next one.
 */

/**
 * Where a chain stands: its last record. The hash is that of the opening when there
 * is none yet.
 */
export type Head = AuditHead;

/** A chain without its records. */
export interface Chain extends Head {
  keyId: string;
  /** JSON: heads of other chains at the time at which this one began. */
  opening: string;
  /** When retention deleted the records. */
  expiredAt?: Date;
}

/** What comes before the first record of a chain. */
export function hashOpening(
  key: AuditKey,
  chain: Pick<Chain, 'day' | 'writer' | 'opening'>,
): string {
  return key.sign('opening', chain.day, chain.writer, chain.opening);
}

/** @param text - the record as canonical JSON */
export function hashRecord(
  key: AuditKey,
  record: Omit<Head, 'hash'> & { previousHash: string; text: string },
): string {
  const { day, writer, seq, previousHash, text } = record;
  return key.sign('record', day, writer, seq, previousHash, text);
}

/** Signs a chain without its records. */
export function signChain(key: AuditKey, chain: Chain): string {
  const { day, writer, seq, hash, keyId, opening, expiredAt } = chain;
  return key.sign(
    'chain',
    day,
    writer,
    seq,
    hash,
    keyId,
    expiredAt?.toISOString() ?? '',
    opening,
  );
}

/** UTC day of a time, `YYYY-MM-DD`. */
export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}
