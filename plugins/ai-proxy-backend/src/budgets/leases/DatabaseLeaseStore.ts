import type { Knex } from 'knex';
import { DATABASE_LIMIT_MS, inTime, transactionInTime } from './inTime';
import type { Bucket, LeaseAnswer, LeaseAsk, LeaseStore } from './LeaseStore';
import { BucketState, Lease, renewLease } from './renewLease';

/** A replica that was not heard of for so long gives nothing back soon. */
export const UNSEEN_MS = 10_000;

/** For which replicas give back what they can, once somebody lacks something. */
const SCARCE_MS = 10_000;

/** PostgreSQL gives 64-bit numbers as texts. All of them fit in a double exactly. */
interface BucketRow {
  id: string;
  leased: string | number;
  spent: string | number;
}

interface LeaseRow {
  bucket_id: string;
  replica: string;
  granted: string | number;
  spent: string | number;
  reserved: string | number;
  seq: string | number;
}

interface ElsewhereRow {
  id: string;
  at_hand: string | number;
  unaccounted: string | number;
}

interface Renewed {
  ask: LeaseAsk;
  bucket: BucketState;
  lease: Lease;
  isScarce: boolean;
}

/**
 * Keeps leases in the database that the replicas share. The row of a bucket is
 * locked while leases of it change, and always before those; rows of several
 * buckets are locked in the order of their ids.
 */
export class DatabaseLeaseStore implements LeaseStore {
  readonly #database: Knex;
  readonly #isPostgres: boolean;

  constructor(options: { database: Knex }) {
    this.#database = options.database;
    this.#isPostgres = options.database.client.config.client === 'pg';
  }

  async renew(
    replica: string,
    asks: LeaseAsk[],
  ): Promise<{ nowMs: number; answers: Array<LeaseAnswer | undefined> }> {
    const first = asks.filter(({ isFirst }) => isFirst);
    if (first.length) {
      await inTime(this.#insertBuckets(first.map(({ bucket }) => bucket)));
    }
    return transactionInTime(this.#database, async trx => {
      if (this.#isPostgres) {
        // A replica that is cut off in the middle must not keep others waiting.
        await trx.raw(
          `set local idle_in_transaction_session_timeout = ${DATABASE_LIMIT_MS}`,
        );
      }
      const ids = asks.map(({ bucket }) => bucket.id);
      const buckets = await this.#lockBuckets(trx, ids);
      const leases = await this.#readLeases(trx, replica, ids);
      const nowMs = await this.#now(trx);
      const renewed = asks.map(ask => {
        const bucket = buckets.get(ask.bucket.id);
        const result =
          bucket && renewLease(bucket, leases.get(ask.bucket.id), ask);
        return result && { ...result, ask };
      });
      const changed = renewed.filter(one => one !== undefined);
      await this.#write(trx, replica, changed, nowMs);
      const elsewhere = await this.#findElsewhere(
        trx,
        replica,
        changed.filter(isUnmet).map(one => one.ask.bucket.id),
        nowMs,
      );
      return {
        nowMs,
        answers: renewed.map(
          one =>
            one && {
              granted: one.lease.granted,
              spent: one.bucket.spent,
              atHandElsewhere: 0,
              unaccounted: 0,
              ...elsewhere.get(one.ask.bucket.id),
            },
        ),
      };
    });
  }

  async beat(replica: string): Promise<{ nowMs: number; scarce: Set<string> }> {
    return inTime(this.#beat(replica));
  }

  async #beat(replica: string) {
    const nowMs = await this.#now(this.#database);
    await this.#database('budget_replicas')
      .insert({ replica, seen_at: nowMs })
      .onConflict('replica')
      .merge()
      .timeout(DATABASE_LIMIT_MS);
    const scarce: string[] = await this.#database('budget_buckets')
      .join('budget_leases', 'bucket_id', 'id')
      .where('scarce_until', '>', nowMs)
      .where({ replica })
      .pluck('id')
      .timeout(DATABASE_LIMIT_MS);
    return { nowMs, scarce: new Set(scarce) };
  }

  /** In a statement of its own: nothing else is locked when it waits for another replica's. */
  async #insertBuckets(buckets: Bucket[]): Promise<void> {
    await this.#database('budget_buckets')
      .insert(
        inOrder(buckets).map(bucket => ({
          id: bucket.id,
          budget: bucket.budget,
          unit: bucket.unit,
          time_window: bucket.window,
          per: bucket.per,
          value: bucket.value,
          user_uuid: bucket.userUuid ?? null,
          starts_at: bucket.startMs,
          ends_at: bucket.endMs,
          limit_amount: 0,
          leased: 0,
          spent: 0,
        })),
      )
      .onConflict('id')
      .ignore()
      .timeout(DATABASE_LIMIT_MS);
  }

  async #lockBuckets(
    trx: Knex.Transaction,
    ids: string[],
  ): Promise<Map<string, BucketState>> {
    const rows: BucketRow[] = await trx('budget_buckets')
      .select('id', 'leased', 'spent')
      .whereIn('id', ids)
      .orderBy('id')
      .forUpdate();
    return new Map(
      rows.map(({ id, leased, spent }) => [
        id,
        { leased: Number(leased), spent: Number(spent) },
      ]),
    );
  }

  /** After the buckets are locked: a statement sees what was committed when it began. */
  async #readLeases(
    trx: Knex.Transaction,
    replica: string,
    ids: string[],
  ): Promise<Map<string, Lease>> {
    const rows: LeaseRow[] = await trx('budget_leases')
      .where({ replica })
      .whereIn('bucket_id', ids);
    return new Map(
      rows.map(row => [
        row.bucket_id,
        {
          granted: Number(row.granted),
          spent: Number(row.spent),
          reserved: Number(row.reserved),
          seq: Number(row.seq),
        },
      ]),
    );
  }

  async #write(
    trx: Knex.Transaction,
    replica: string,
    changed: Renewed[],
    nowMs: number,
  ): Promise<void> {
    if (!changed.length) {
      return;
    }
    await trx('budget_leases')
      .insert(
        changed.map(({ ask, lease }) => ({
          bucket_id: ask.bucket.id,
          replica,
          ...lease,
        })),
      )
      .onConflict(['bucket_id', 'replica'])
      .merge();
    // One statement for all: the rows are there, and locked.
    await trx('budget_buckets')
      .insert(
        changed.map(({ ask, bucket, isScarce }) => ({
          id: ask.bucket.id,
          budget: '',
          unit: '',
          time_window: '',
          per: '',
          value: '',
          starts_at: 0,
          ends_at: 0,
          limit_amount: ask.limit,
          leased: bucket.leased,
          spent: bucket.spent,
          scarce_until: isScarce ? nowMs + SCARCE_MS : null,
        })),
      )
      .onConflict('id')
      .merge({
        limit_amount: trx.raw('excluded.limit_amount'),
        leased: trx.raw('excluded.leased'),
        spent: trx.raw('excluded.spent'),
        scarce_until: trx.raw(
          'coalesce(excluded.scarce_until, budget_buckets.scarce_until)',
        ),
      });
  }

  /** What other replicas have and have not spent; only looked up where it matters. */
  async #findElsewhere(
    trx: Knex.Transaction,
    replica: string,
    ids: string[],
    nowMs: number,
  ): Promise<
    Map<string, Pick<LeaseAnswer, 'atHandElsewhere' | 'unaccounted'>>
  > {
    if (!ids.length) {
      return new Map();
    }
    const seenAfter = nowMs - UNSEEN_MS;
    const rows: ElsewhereRow[] = await trx('budget_leases')
      .leftJoin(
        'budget_replicas',
        'budget_leases.replica',
        'budget_replicas.replica',
      )
      .whereIn('bucket_id', ids)
      .whereNot('budget_leases.replica', replica)
      .groupBy('bucket_id')
      .select({ id: 'bucket_id' })
      .select(
        trx.raw(
          'sum(case when seen_at > ? then granted - spent - reserved else 0 end) as at_hand',
          [seenAfter],
        ),
        trx.raw(
          'sum(case when seen_at > ? then 0 else granted - spent end) as unaccounted',
          [seenAfter],
        ),
      );
    return new Map(
      rows.map(({ id, at_hand, unaccounted }) => [
        id,
        { atHandElsewhere: Number(at_hand), unaccounted: Number(unaccounted) },
      ]),
    );
  }

  /** Replicas' own clocks differ; SQLite has the clock of its only process. */
  async #now(database: Knex): Promise<number> {
    if (!this.#isPostgres) {
      return Date.now();
    }
    const { rows } = await database
      .raw(
        'select floor(extract(epoch from clock_timestamp()) * 1000)::float8 as now',
      )
      .timeout(DATABASE_LIMIT_MS);
    return rows[0].now;
  }
}

function isUnmet({ ask, lease }: Renewed): boolean {
  return lease.granted < ask.spent + ask.reserved + ask.need;
}

/** Of several that insert the same, none waits for another that waits for it. */
function inOrder(buckets: Bucket[]): Bucket[] {
  return [...buckets].sort((a, b) => (a.id < b.id ? -1 : 1));
}
