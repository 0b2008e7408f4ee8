import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';
import { ReplaceableSecrets } from './ReplaceableSecrets';
import type { SealedColumn } from './Resealing';
import type { SecretBox } from './SecretBox';

/** A row of the table in which keys are kept; see the README for its columns. */
export interface KeyRow {
  id: string;
  purpose: string;
  secret: string;
  created_at: Date;
}

const DAY_MS = 24 * 60 * 60_000;

/**
 * A new key is published for this long before it signs, so that every replica
 * and client knows it by then.
 */
const ANNOUNCED_MS = DAY_MS;

/** For this long after its last signature a key is still published; nothing signed may live longer. */
const RETIRED_MS = 2 * DAY_MS;

/** A key that opened. */
interface OpenedKey {
  row: KeyRow;
  secret: string;
}

/**
 * Keys that a plugin makes, rotates and deletes by itself, kept encrypted in
 * the database for all replicas. One that does not open, because its encryption
 * key is gone, counts as absent.
 */
export class RotatingKeys {
  readonly #database: Knex;
  readonly #table: string;
  readonly #box: SecretBox;
  readonly #secrets: ReplaceableSecrets;
  readonly #purpose: string;
  readonly #rotationMs: number;
  readonly #generate: () => string;

  constructor(options: {
    database: Knex;
    /** The name of the table; see {@link KeyRow}. */
    table: string;
    box: SecretBox;
    /** Tells keys of one table apart; letters only. */
    purpose: string;
    /** After which a key is replaced. */
    rotationMs: number;
    /** Makes a key. */
    generate: () => string;
    logger: LoggerService;
  }) {
    this.#database = options.database;
    this.#table = options.table;
    this.#box = options.box;
    this.#secrets = new ReplaceableSecrets({
      box: options.box,
      logger: options.logger,
      what: `keys for ${options.purpose}`,
    });
    this.#purpose = options.purpose;
    this.#rotationMs = options.rotationMs;
    this.#generate = options.generate;
  }

  /** Where the keys are kept, to encrypt them anew. */
  get sealed(): SealedColumn<KeyRow> {
    return {
      table: this.#table,
      column: 'secret',
      primaryKey: ['id'],
      where: { purpose: this.#purpose },
      contextOf: ({ id }) => id,
    };
  }

  /**
   * Makes a key when there is none or the newest is old, and deletes outlived ones.
   *
   * @param now - milliseconds since the epoch
   */
  async rotate(now = Date.now()): Promise<void> {
    const rows = await this.#read();
    const opened = this.#open(rows).map(({ row }) => row);
    const [newest] = opened;
    if (!newest || ageMs(newest, now) > this.#rotationMs) {
      const id = `${this.#purpose}-${numberOf(rows[0]) + 1}`;
      await this.#database<KeyRow>(this.#table)
        .insert({
          id,
          purpose: this.#purpose,
          secret: this.#box.seal(this.#generate(), id),
          created_at: new Date(now),
        })
        // Of replicas that do this at the same time, one wins.
        .onConflict('id')
        .ignore();
    }
    // A key stops signing once its successor, which has to be one that can sign, has been announced.
    const outlived = rows.filter(row => {
      const successor = opened.findLast(
        ({ created_at: at }) => new Date(at) > new Date(row.created_at),
      );
      return successor && ageMs(successor, now) > ANNOUNCED_MS + RETIRED_MS;
    });
    await this.#database<KeyRow>(this.#table)
      .whereIn(
        'id',
        outlived.map(({ id }) => id),
      )
      .delete();
  }

  /**
   * The keys of this moment: the first one signs, the others are still, or
   * already, published.
   *
   * @param now - milliseconds since the epoch
   */
  async current(now = Date.now()): Promise<string[]> {
    const keys = this.#open(await this.#read());
    const signer =
      keys.find(({ row }) => ageMs(row, now) > ANNOUNCED_MS) ?? keys.at(-1);
    return [signer, ...keys.filter(key => key !== signer)].flatMap(
      key => key?.secret ?? [],
    );
  }

  #open(rows: KeyRow[]): OpenedKey[] {
    return rows.flatMap(row => {
      const secret = this.#secrets.open(row.secret, row.id);
      return secret === undefined ? [] : [{ row, secret }];
    });
  }

  /** Newest first. */
  async #read(): Promise<KeyRow[]> {
    const rows = await this.#database<KeyRow>(this.#table).where({
      purpose: this.#purpose,
    });
    return rows.sort((a, b) => numberOf(b) - numberOf(a));
  }
}

function ageMs(row: KeyRow, now: number): number {
  return now - new Date(row.created_at).getTime();
}

/** The how many-th key of its purpose a key is. */
function numberOf(row: KeyRow | undefined): number {
  return Number(row?.id.split('-')[1] ?? 0);
}
