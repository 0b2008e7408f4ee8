import type {
  AuditAction,
  AuditOutcome,
  AuditPage,
  AuditUsage,
  AuditUsageCount,
  AuditUsageDimension,
  StoredAuditRecord,
} from '@prompt-corner/plugin-mcp-portal-common';
import type { Knex } from 'knex';
import { readRecordId, writeRecordId } from './cursors';
import type { RecordRow } from './rows';

/** Which records; all given conditions must hold. */
export interface AuditConditions {
  /** Times of what happened, `from` included and `to` not. */
  from?: Date;
  to?: Date;
  /** UUID. */
  caller?: string;
  portal?: string;
  server?: string;
  /** Name of the tool or prompt, or URI of the resource. */
  target?: string;
  action?: AuditAction;
  outcome?: AuditOutcome;
  /** Client id. */
  client?: string;
  executionId?: string;
}

/** What to count. */
export interface UsageQuestion {
  /** UTC days of the commit, `YYYY-MM-DD`, inclusive. */
  from: string;
  to: string;
  by: AuditUsageDimension[];
  action?: AuditAction;
  caller?: string;
  portal?: string;
  server?: string;
}

const MAX_COMBINATIONS = 10_000;

const COLUMNS: Record<AuditUsageDimension, keyof RecordRow> = {
  day: 'day',
  portal: 'portal',
  server: 'server',
  tool: 'target',
  action: 'action',
  outcome: 'outcome',
  caller: 'caller',
  client: 'client',
};

/** Searches and counts audit records. */
export class AuditQueries {
  readonly #database: Knex;

  constructor(options: { database: Knex }) {
    this.#database = options.database;
  }

  /**
   * Finds records, newest first.
   *
   * @param page - `cursor` is the `nextCursor` of the page before
   * @throws InputError when the cursor is none
   */
  async find(
    conditions: AuditConditions,
    page: { cursor?: string; limit: number },
  ): Promise<AuditPage> {
    const { from, to, executionId, ...equal } = conditions;
    const query = this.#database<RecordRow>('audit_records')
      .where(
        withoutUndefined({ ...equal, execution_id: executionId }) as object,
      )
      .orderBy(
        ['at', 'day', 'writer', 'seq'].map(column => ({
          column,
          order: 'desc',
        })),
      )
      .limit(page.limit + 1);
    if (from) {
      query.andWhere('at', '>=', from);
    }
    if (to) {
      query.andWhere('at', '<', to);
    }
    if (page.cursor !== undefined) {
      const { at, day, writer, seq } = readRecordId(page.cursor);
      query
        // Says to the indexes, which end with the time, where to begin.
        .andWhere('at', '<=', at)
        .andWhereRaw('(at, day, writer, seq) < (?, ?, ?, ?)', [
          at,
          day,
          writer,
          seq,
        ]);
    }
    const rows = await query;
    const items = rows.slice(0, page.limit).map(toStoredRecord);
    return rows.length > page.limit
      ? { items, nextCursor: items.at(-1)!.id }
      : { items };
  }

  /** Records of a chain in order, as an export has them. */
  async listOfChain(
    chain: { day: string; writer: string },
    range: { after?: number; upTo: number; limit: number },
  ): Promise<StoredAuditRecord[]> {
    const { day, writer } = chain;
    const query = this.#database<RecordRow>('audit_records')
      .where({ day, writer })
      .andWhere('seq', '<=', range.upTo)
      .orderBy('seq')
      .limit(range.limit);
    if (range.after !== undefined) {
      query.andWhere('seq', '>', range.after);
    }
    return (await query).map(toStoredRecord);
  }

  /** Counts records by the values that they have. At most 10,000 combinations. */
  async usage(question: UsageQuestion): Promise<AuditUsage> {
    const { from, to, by, ...equal } = question;
    const columns = by.map(dimension => COLUMNS[dimension]);
    const rows: Array<Record<string, string | number | null>> =
      await this.#database('audit_records')
        .select(columns)
        .count({ count: '*' })
        .whereBetween('day', [from, to])
        .andWhere(withoutUndefined(equal) as object)
        .groupBy(columns)
        .orderBy(columns)
        .limit(MAX_COMBINATIONS + 1);
    const items = rows.slice(0, MAX_COMBINATIONS).map(
      row =>
        ({
          ...Object.fromEntries(
            by.map(dimension => [dimension, row[COLUMNS[dimension]]]),
          ),
          // PostgreSQL counts in 64 bits, which come as strings.
          count: Number(row.count),
        } as AuditUsageCount),
    );
    return rows.length > MAX_COMBINATIONS
      ? {
          items,
          more: `These are the first ${MAX_COMBINATIONS} combinations: ask for fewer days or dimensions`,
        }
      : { items };
  }
}

function toStoredRecord(row: RecordRow): StoredAuditRecord {
  const { day, writer, seq } = row;
  return {
    id: writeRecordId({ at: new Date(row.at), day, writer, seq }),
    record: JSON.parse(row.record),
    day,
    writer,
    seq,
    previousHash: row.previous_hash,
    hash: row.hash,
  };
}

function withoutUndefined(conditions: object): object {
  return Object.fromEntries(
    Object.entries(conditions).filter(([, value]) => value !== undefined),
  );
}
