import { InputError } from '@backstage/errors';
import type {
  BudgetBucket,
  BudgetSplit,
  BudgetUnit,
  BudgetWindow,
} from '@prompt-corner/plugin-ai-proxy-common';
import type { Knex } from 'knex';
import { fromCounted } from '../amounts';
import { UNSEEN_MS } from '../leases';

/** What other replicas say of a bucket, as counted. */
export interface OthersTotals {
  spent: number;
  reserved: number;
}

/** Which buckets to find; all given conditions must hold. */
export interface BucketConditions {
  budget?: string;
  /** UUID, entity ref of a group, id of a client or connection. */
  value?: string;
  /** Milliseconds since 1970: only windows in which this moment lies. */
  atMs?: number;
}

const MAX_PAGE = 200;
const IDS_AT_ONCE = 500;
const DELETED_AT_ONCE = 500;

interface BucketRow {
  id: string;
  budget: string;
  unit: BudgetUnit;
  time_window: BudgetWindow;
  per: BudgetSplit;
  value: string;
  starts_at: string | number;
  ends_at: string | number;
  limit_amount: string | number;
  leased: string | number;
  spent: string | number;
}

interface LiveRow {
  id: string;
  free: string | number;
  reserved: string | number;
}

/** Reads buckets for pages, and deletes old ones. */
export class BucketReader {
  readonly #database: Knex;

  constructor(options: { database: Knex }) {
    this.#database = options.database;
  }

  /** What replicas but one say, by id of the bucket; nothing for those of which none says anything. */
  async totalsOfOthers(
    replica: string,
    ids: string[],
  ): Promise<Map<string, OthersTotals>> {
    const found = new Map<string, OthersTotals>();
    for (let start = 0; start < ids.length; start += IDS_AT_ONCE) {
      const rows: Array<{
        id: string;
        spent: string | number;
        reserved: string | number;
      }> = await this.#database('budget_leases')
        .whereIn('bucket_id', ids.slice(start, start + IDS_AT_ONCE))
        .whereNot({ replica })
        .groupBy('bucket_id')
        .select({ id: 'bucket_id' })
        .sum({ spent: 'spent', reserved: 'reserved' });
      rows.forEach(({ id, spent, reserved }) =>
        found.set(id, { spent: Number(spent), reserved: Number(reserved) }),
      );
    }
    return found;
  }

  /**
   * The newest windows first.
   *
   * @param page.limit - at most 200
   * @param page.cursor - `nextCursor` of the page before
   * @throws InputError when the cursor is none of ours
   */
  async list(
    conditions: BucketConditions,
    page: { limit: number; nowMs: number; cursor?: string },
  ): Promise<{ items: BudgetBucket[]; nextCursor?: string }> {
    const { budget, value, atMs } = conditions;
    const limit = Math.min(page.limit, MAX_PAGE);
    const query = this.#database('budget_buckets')
      .orderBy([
        { column: 'starts_at', order: 'desc' },
        { column: 'id', order: 'desc' },
      ])
      .limit(limit + 1);
    if (budget !== undefined) {
      query.where({ budget });
    }
    if (value !== undefined) {
      query.where({ value });
    }
    if (atMs !== undefined) {
      query.where('starts_at', '<=', atMs).where('ends_at', '>', atMs);
    }
    if (page.cursor !== undefined) {
      const [startsAt, id] = readCursor(page.cursor);
      query.where(after =>
        after
          .where('starts_at', '<', startsAt)
          .orWhere(same =>
            same.where('starts_at', startsAt).where('id', '<', id),
          ),
      );
    }
    const rows: BucketRow[] = await query;
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    const live = await this.#live(
      items.map(({ id }) => id),
      page.nowMs,
    );
    return {
      items: items.map(row => toBudgetBucket(row, live.get(row.id))),
      nextCursor:
        rows.length > limit && last
          ? writeCursor(Number(last.starts_at), last.id)
          : undefined,
    };
  }

  /**
   * Deletes buckets whose windows have ended, and what belongs to them: those of
   * minutes and hours after `shortMs`, the others after `longMs`.
   */
  async clean(options: {
    nowMs: number;
    shortMs: number;
    longMs: number;
  }): Promise<void> {
    const { nowMs, shortMs, longMs } = options;
    for (;;) {
      const ids: string[] = await this.#database('budget_buckets')
        .where(old =>
          old
            .where('ends_at', '<', nowMs - longMs)
            .orWhere(short =>
              short
                .where('ends_at', '<', nowMs - shortMs)
                .whereIn('time_window', ['minute', 'hour']),
            ),
        )
        .orderBy('id')
        .limit(DELETED_AT_ONCE)
        .pluck('id');
      // Buckets last: as long as one is there, the rest is found again.
      await this.#database('budget_alerts').whereIn('bucket_id', ids).delete();
      await this.#database('budget_leases').whereIn('bucket_id', ids).delete();
      await this.#database('budget_buckets').whereIn('id', ids).delete();
      if (ids.length < DELETED_AT_ONCE) {
        break;
      }
    }
    await this.#database('budget_replicas')
      .where('seen_at', '<', nowMs - longMs)
      .delete();
  }

  /** What replicas have that were heard of. */
  async #live(ids: string[], nowMs: number): Promise<Map<string, LiveRow>> {
    const rows: LiveRow[] = await this.#database('budget_leases')
      .join(
        'budget_replicas',
        'budget_leases.replica',
        'budget_replicas.replica',
      )
      .whereIn('bucket_id', ids)
      .where('seen_at', '>', nowMs - UNSEEN_MS)
      .groupBy('bucket_id')
      .select({ id: 'bucket_id' })
      .select(this.#database.raw('sum(granted - spent - reserved) as free'))
      .sum({ reserved: 'reserved' });
    return new Map(rows.map(row => [row.id, row]));
  }
}

function toBudgetBucket(
  row: BucketRow,
  live: LiveRow | undefined,
): BudgetBucket {
  const { unit } = row;
  const amount = (value: string | number) => fromCounted(unit, Number(value));
  const spent = Number(row.spent);
  const reserved = Number(live?.reserved ?? 0);
  const atHand = Number(live?.free ?? 0);
  return {
    id: row.id,
    budget: row.budget,
    unit,
    window: row.time_window,
    per: row.per,
    value: row.value,
    startsAt: new Date(Number(row.starts_at)).toISOString(),
    endsAt: new Date(Number(row.ends_at)).toISOString(),
    limit: amount(row.limit_amount),
    spent: amount(spent),
    reserved: amount(reserved),
    atHand: amount(atHand),
    unaccounted: amount(
      Math.max(0, Number(row.leased) - spent - reserved - atHand),
    ),
  };
}

function writeCursor(startsAt: number, id: string): string {
  return Buffer.from(`${startsAt} ${id}`).toString('base64url');
}

function readCursor(cursor: string): [number, string] {
  const [startsAt, id] = Buffer.from(cursor, 'base64url').toString().split(' ');
  if (!/^\d{1,15}$/.test(startsAt) || !/^[0-9a-f]{32}$/.test(id ?? '')) {
    throw new InputError(
      'The cursor has to be the nextCursor of the page before',
    );
  }
  return [Number(startsAt), id];
}
