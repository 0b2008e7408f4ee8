import type { AuditRecord } from '@prompt-corner/plugin-mcp-portal-common';
import type { ChainedRecord, FoundRecord, SignedChain } from './AuditStore';

/** A row of `audit_chains`. */
export interface ChainRow {
  day: string;
  writer: string;
  key_id: string;
  opening: string;
  seq: number;
  hash: string;
  expired_at: Date | number | string | null;
  mac: string;
}

/** The columns of `audit_records` by which it is searched. They repeat what the record says. */
export interface SearchColumns {
  at: Date;
  action: string;
  outcome: string;
  portal: string;
  server: string | null;
  target: string | null;
  caller: string | null;
  client: string | null;
  execution_id: string | null;
}

/** A row of `audit_records`. */
export interface RecordRow extends Omit<SearchColumns, 'at'> {
  at: Date | number | string;
  day: string;
  writer: string;
  seq: number;
  previous_hash: string;
  hash: string;
  record: string;
}

export function toChain(row: ChainRow): SignedChain {
  return {
    day: row.day,
    writer: row.writer,
    keyId: row.key_id,
    opening: row.opening,
    seq: row.seq,
    hash: row.hash,
    expiredAt: row.expired_at === null ? undefined : new Date(row.expired_at),
    mac: row.mac,
  };
}

export function toChainRow(chain: SignedChain) {
  return {
    day: chain.day,
    writer: chain.writer,
    key_id: chain.keyId,
    opening: chain.opening,
    seq: chain.seq,
    hash: chain.hash,
    expired_at: chain.expiredAt ?? null,
    mac: chain.mac,
  };
}

export function searchColumns(record: AuditRecord): SearchColumns {
  return {
    at: new Date(record.at),
    action: record.action,
    outcome: record.outcome,
    portal: record.portal,
    server: record.server ?? null,
    target: record.target ?? null,
    caller: record.caller.uuid ?? null,
    client: record.caller.clientId ?? null,
    execution_id: record.executionId ?? null,
  };
}

export function toRecordRow(chained: ChainedRecord) {
  return {
    day: chained.day,
    writer: chained.writer,
    seq: chained.seq,
    previous_hash: chained.previousHash,
    hash: chained.hash,
    record: chained.text,
    ...searchColumns(chained.record),
  };
}

export function toFoundRecord(row: RecordRow): FoundRecord {
  return {
    day: row.day,
    writer: row.writer,
    seq: row.seq,
    previousHash: row.previous_hash,
    hash: row.hash,
    text: row.record,
    columnsAgree: columnsAgree(row),
  };
}

function columnsAgree(row: RecordRow): boolean {
  let expected: SearchColumns;
  try {
    expected = searchColumns(JSON.parse(row.record));
  } catch {
    return false;
  }
  const { at, ...words } = expected;
  return (
    new Date(row.at).getTime() === at.getTime() &&
    Object.entries(words).every(
      ([column, value]) => row[column as keyof typeof words] === value,
    )
  );
}
