import type { Knex } from 'knex';
import type { BatchUse, ModelBatch } from './ModelBatch';

interface Row {
  provider: string;
  id: string;
  target: string;
  account: string;
  demands: string;
  created_at_ms: number | string;
  check_at_ms: number | string;
  counted_at_ms: number | string | null;
  used: string | null;
}

const TABLE = 'model_batches';

/** Keeps batches until they are counted, and a while longer. */
export class BatchStore {
  readonly #database: Knex;

  constructor(database: Knex) {
    this.#database = database;
  }

  async insert(batch: ModelBatch): Promise<void> {
    await this.#database(TABLE).insert({
      provider: batch.provider,
      id: batch.id,
      target: batch.target,
      account: JSON.stringify(batch.account),
      demands: JSON.stringify(batch.demands),
      created_at_ms: batch.createdAtMs,
      check_at_ms: batch.checkAtMs,
      counted_at_ms: null,
    });
  }

  async find(provider: string, id: string): Promise<ModelBatch | undefined> {
    const row: Row | undefined = await this.#database(TABLE)
      .where({ provider, id })
      .first();
    return row && fromRow(row);
  }

  /** Those to look after, the longest due first. */
  async due(nowMs: number, limit: number): Promise<ModelBatch[]> {
    const rows: Row[] = await this.#database(TABLE)
      .whereNull('counted_at_ms')
      .andWhere('check_at_ms', '<=', nowMs)
      .orderBy('check_at_ms')
      .limit(limit);
    return rows.map(fromRow);
  }

  async postpone(
    { provider, id }: Pick<ModelBatch, 'provider' | 'id'>,
    checkAtMs: number,
  ): Promise<void> {
    await this.#database(TABLE)
      .where({ provider, id })
      .update({ check_at_ms: checkAtMs });
  }

  /**
   * Marks a batch as counted.
   *
   * @param used - what it took
   * @returns false when it was before, by whomever
   */
  async markCounted(
    { provider, id }: Pick<ModelBatch, 'provider' | 'id'>,
    nowMs: number,
    used: BatchUse[],
  ): Promise<boolean> {
    const changed = await this.#database(TABLE)
      .where({ provider, id })
      .whereNull('counted_at_ms')
      .update({ counted_at_ms: nowMs, used: JSON.stringify(used) });
    return changed > 0;
  }

  /** Deletes those that were counted before a time. */
  async deleteCountedBefore(timeMs: number): Promise<number> {
    return this.#database(TABLE).where('counted_at_ms', '<', timeMs).delete();
  }
}

function fromRow(row: Row): ModelBatch {
  return {
    provider: row.provider,
    id: row.id,
    target: row.target,
    account: JSON.parse(row.account),
    demands: JSON.parse(row.demands),
    createdAtMs: Number(row.created_at_ms),
    checkAtMs: Number(row.check_at_ms),
    countedAtMs:
      row.counted_at_ms === null ? undefined : Number(row.counted_at_ms),
    used: row.used === null ? undefined : JSON.parse(row.used),
  };
}
