import type { Knex } from 'knex';
import type {
  ChainId,
  ChainStore,
  FoundRecord,
  SignedChain,
} from './AuditStore';
import {
  ChainRow,
  RecordRow,
  toChain,
  toChainRow,
  toFoundRecord,
} from './rows';

/** Reads and expires the chains that are in the database of the plugin. */
export class DatabaseChainStore implements ChainStore {
  readonly #database: Knex;

  constructor(options: { database: Knex }) {
    this.#database = options.database;
  }

  async nextChainId(options: {
    from?: string;
    to?: string;
    after?: ChainId;
  }): Promise<ChainId | undefined> {
    const { from, to, after } = options;
    const next = (table: string) => {
      const query = this.#database<ChainId>(table)
        .select('day', 'writer')
        .orderBy(['day', 'writer'])
        .limit(1);
      if (from !== undefined) {
        query.where('day', '>=', from);
      }
      if (to !== undefined) {
        query.where('day', '<=', to);
      }
      if (after) {
        query.whereRaw('(day, writer) > (?, ?)', [after.day, after.writer]);
      }
      return this.#database.select('*').from(query.as(table));
    };
    // The database compares, because its order of strings may not be that of JavaScript.
    return this.#database<ChainId>(
      next('audit_chains').union(next('audit_records')).as('ids'),
    )
      .select('day', 'writer')
      .orderBy(['day', 'writer'])
      .first() as Promise<ChainId | undefined>;
  }

  async findChain({ day, writer }: ChainId): Promise<SignedChain | undefined> {
    const row = await this.#database<ChainRow>('audit_chains')
      .where({ day, writer })
      .first();
    return row && toChain(row);
  }

  async listRecords(
    { day, writer }: ChainId,
    range: { after?: number; upTo: number; limit: number },
  ): Promise<FoundRecord[]> {
    const query = this.#database<RecordRow>('audit_records')
      .where({ day, writer })
      .andWhere('seq', '<=', range.upTo)
      .orderBy('seq')
      .limit(range.limit);
    if (range.after !== undefined) {
      query.andWhere('seq', '>', range.after);
    }
    return (await query).map(toFoundRecord);
  }

  async findHash(
    { day, writer }: ChainId,
    seq: number,
  ): Promise<string | undefined> {
    const row = await this.#database<RecordRow>('audit_records')
      .where({ day, writer, seq })
      .first('hash');
    return row?.hash;
  }

  async lastSeq({ day, writer }: ChainId): Promise<number> {
    const row = await this.#database<RecordRow>('audit_records')
      .where({ day, writer })
      .orderBy('seq', 'desc')
      .first('seq');
    return row?.seq ?? 0;
  }

  async listChainsBefore(day: string): Promise<SignedChain[]> {
    const rows = await this.#database<ChainRow>('audit_chains')
      .where('audit_chains.day', '<', day)
      .whereExists(this.#recordsOfChain())
      .orderBy(['day', 'writer']);
    return rows.map(toChain);
  }

  async listExpiredChains(options: {
    notSignedBy: string;
  }): Promise<SignedChain[]> {
    const rows = await this.#database<ChainRow>('audit_chains')
      .whereNotNull('expired_at')
      .whereNot('key_id', options.notSignedBy)
      .whereNotExists(this.#recordsOfChain())
      .orderBy(['day', 'writer']);
    return rows.map(toChain);
  }

  async signChain(chain: SignedChain): Promise<void> {
    const { key_id, expired_at, mac } = toChainRow(chain);
    const { day, writer, seq } = chain;
    await this.#database<ChainRow>('audit_chains')
      .where({ day, writer, seq })
      .update({ key_id, expired_at, mac });
  }

  #recordsOfChain() {
    return this.#database('audit_records')
      .whereRaw('audit_records.day = audit_chains.day')
      .whereRaw('audit_records.writer = audit_chains.writer');
  }

  async deleteRecords(
    { day, writer }: ChainId,
    range: { after: number; upTo: number },
  ): Promise<number> {
    return this.#database<RecordRow>('audit_records')
      .where({ day, writer })
      .andWhere('seq', '>', range.after)
      .andWhere('seq', '<=', range.upTo)
      .delete();
  }
}
