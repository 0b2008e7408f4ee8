import type { Knex } from 'knex';
import type {
  AuditTransaction,
  ChainedRecord,
  SignedChain,
} from './AuditStore';
import type { Head } from './chain';
import { INSERT_POSTGRES, INSERT_SQLITE } from './insertRecords';
import { ChainRow, toChain, toChainRow, toRecordRow } from './rows';

/** Writes audit records in one transaction. */
export class DatabaseAuditTransaction implements AuditTransaction {
  readonly #knex: Knex.Transaction;
  readonly #isPostgres: boolean;

  constructor(knex: Knex.Transaction, isPostgres: boolean) {
    this.#knex = knex;
    this.#isPostgres = isPostgres;
  }

  async findChain(
    day: string,
    writer: string,
  ): Promise<SignedChain | undefined> {
    const query = this.#knex<ChainRow>('audit_chains').where({ day, writer });
    // Waits for a transaction of before whose end this process has not seen.
    const row = await (this.#isPostgres ? query.forUpdate() : query).first();
    return row && toChain(row);
  }

  async listRecentChains(day: string): Promise<SignedChain[]> {
    const daysBefore = await this.#knex<ChainRow>('audit_chains')
      .distinct('day')
      .where('day', '<', day)
      .orderBy('day', 'desc')
      .limit(2);
    const rows = await this.#knex<ChainRow>('audit_chains')
      .where('day', '>=', daysBefore.at(-1)?.day ?? day)
      .orderBy(['day', 'writer']);
    return rows.map(toChain);
  }

  async insertChain(chain: SignedChain): Promise<void> {
    await this.#knex('audit_chains').insert(toChainRow(chain));
  }

  async moveChain(from: Head, to: SignedChain): Promise<boolean> {
    const { day, writer, seq, hash } = from;
    const changed = await this.#knex<ChainRow>('audit_chains')
      .where({ day, writer, seq, hash })
      .update({ seq: to.seq, hash: to.hash, mac: to.mac });
    return changed === 1;
  }

  async insertRecords(records: ChainedRecord[]): Promise<void> {
    await (this.#isPostgres
      ? this.#knex.raw(INSERT_POSTGRES, [
          JSON.stringify(records.map(toRecordRow)),
        ])
      : this.#knex.raw(INSERT_SQLITE, [
          JSON.stringify(
            // As knex stores a date in SQLite.
            records.map(toRecordRow).map(row => ({ ...row, at: +row.at })),
          ),
        ]));
  }
}
