import type {
  BudgetSplit,
  BudgetUnit,
  BudgetWindow,
} from '@prompt-corner/plugin-ai-proxy-common';
import type { Knex } from 'knex';
import type { Bucket } from '../leases';

/** An alert that is due. */
export interface DueAlert {
  bucket: Bucket;
  percent: number;
  /** 10^-9 US dollars, tokens or requests. */
  limit: number;
}

/** In one statement. */
const AT_ONCE = 100;

/** Remembers which alerts there were, for all replicas. */
export class AlertStore {
  readonly #database: Knex;

  constructor(options: { database: Knex }) {
    this.#database = options.database;
  }

  /**
   * Notes that a bucket has reached percentages of its limit.
   *
   * @returns the highest of those that nobody had noted before: it is the caller's to tell of
   */
  async claim(
    bucketId: string,
    percents: number[],
    nowMs: number,
  ): Promise<number | undefined> {
    const highest = Math.max(...percents);
    const rows: Array<{ percent: number }> = await this.#database(
      'budget_alerts',
    )
      .insert(
        percents.map(percent => ({
          bucket_id: bucketId,
          percent,
          claimed_at: nowMs,
          told: percent !== highest,
        })),
      )
      .onConflict(['bucket_id', 'percent'])
      .ignore()
      .returning('percent');
    return rows.some(({ percent }) => percent === highest)
      ? highest
      : undefined;
  }

  /** Notes that people have been told. */
  async markTold(bucketId: string, percent: number): Promise<void> {
    await this.#database('budget_alerts')
      .where({ bucket_id: bucketId, percent })
      .update({ told: true });
  }

  /** Takes over alerts that a replica claimed and did not tell of, as it failed or is gone. */
  async claimUntold(options: {
    nowMs: number;
    ageMs: number;
  }): Promise<DueAlert[]> {
    const { nowMs, ageMs } = options;
    const rows: UntoldRow[] = await this.#database('budget_alerts')
      .join('budget_buckets', 'id', 'bucket_id')
      .where({ told: false })
      .where('claimed_at', '<', nowMs - ageMs)
      .limit(AT_ONCE)
      .select('budget_buckets.*', 'percent', 'claimed_at');
    const claimed: DueAlert[] = [];
    for (const row of rows) {
      const won = await this.#database('budget_alerts')
        .where({
          bucket_id: row.id,
          percent: row.percent,
          claimed_at: row.claimed_at,
          told: false,
        })
        .update({ claimed_at: nowMs });
      if (won) {
        claimed.push(toDueAlert(row));
      }
    }
    return claimed;
  }
}

interface UntoldRow {
  id: string;
  budget: string;
  unit: BudgetUnit;
  time_window: BudgetWindow;
  per: BudgetSplit;
  value: string;
  user_uuid: string | null;
  starts_at: string | number;
  ends_at: string | number;
  limit_amount: string | number;
  percent: number;
  claimed_at: string | number;
}

function toDueAlert(row: UntoldRow): DueAlert {
  const { id, budget, unit, per, value, percent } = row;
  return {
    bucket: {
      id,
      budget,
      unit,
      window: row.time_window,
      per,
      value,
      userUuid: row.user_uuid ?? undefined,
      startMs: Number(row.starts_at),
      endMs: Number(row.ends_at),
    },
    percent,
    limit: Number(row.limit_amount),
  };
}
