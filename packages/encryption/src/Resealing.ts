import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';
import { keyIdOf, type SecretBox } from './SecretBox';

/** Where sealed values are kept. */
export interface SealedColumn<Row extends object = object> {
  table: string;
  column: string;
  /** Columns of the primary key. */
  primaryKey: string[];
  /** Only these rows; all by default. */
  where?: Record<string, string>;
  /** With which a row's value was sealed. */
  contextOf(row: Row): string;
}

/** What {@link Resealing.run} did. */
export interface ResealingResult {
  /** How many values have the first key now, that had another one. */
  resealed: number;
  /** How many values still need another key, by the id of the key. */
  left: Map<string, number>;
}

const BATCH = 100;

/**
 * Seals anew, with the first key, what was sealed with another one, so that old
 * keys can be taken away. Replicas may do it at the same time: a value that
 * somebody else has changed meanwhile is left as it is.
 */
export class Resealing {
  readonly #database: Knex;
  readonly #box: SecretBox;
  readonly #columns: SealedColumn[];
  readonly #logger: LoggerService;

  constructor(options: {
    database: Knex;
    box: SecretBox;
    columns: SealedColumn[];
    logger: LoggerService;
  }) {
    this.#database = options.database;
    this.#box = options.box;
    this.#columns = options.columns;
    this.#logger = options.logger;
  }

  /** Goes through all values once, and logs which keys are needed still. */
  async run(): Promise<ResealingResult> {
    const result: ResealingResult = { resealed: 0, left: new Map() };
    for (const column of this.#columns) {
      await this.#resealColumn(column, result);
    }
    this.#tell(result);
    return result;
  }

  async #resealColumn(
    at: SealedColumn,
    result: ResealingResult,
  ): Promise<void> {
    const isDone = `${this.#box.currentKeyId}.`;
    let left = 0;
    let rows: Array<Record<string, string>>;
    do {
      // What is done is not found again, what is left is: so it is skipped.
      rows = await this.#database(at.table)
        .where(at.where ?? {})
        .whereNotNull(at.column)
        // Ids may have dots, so that one may begin like another.
        .whereRaw('(substr(??, 1, ?) <> ? or substr(??, ?) like ?)', [
          at.column,
          isDone.length,
          isDone,
          at.column,
          isDone.length + 1,
          '%.%',
        ])
        .orderBy(at.primaryKey)
        .offset(left)
        .limit(BATCH);
      for (const row of rows) {
        if (await this.#resealRow(at, row)) {
          result.resealed++;
        } else {
          const keyId = keyIdOf(row[at.column]);
          result.left.set(keyId, (result.left.get(keyId) ?? 0) + 1);
          left++;
        }
      }
    } while (rows.length === BATCH);
  }

  /** @returns false when it does not open, or was changed meanwhile */
  async #resealRow(
    at: SealedColumn,
    row: Record<string, string>,
  ): Promise<boolean> {
    const sealed = row[at.column];
    let resealed: string;
    try {
      const context = at.contextOf(row);
      resealed = this.#box.seal(this.#box.open(sealed, context), context);
    } catch {
      return false;
    }
    const id = Object.fromEntries(at.primaryKey.map(key => [key, row[key]]));
    const updated = await this.#database(at.table)
      .where({ ...id, [at.column]: sealed })
      .update({ [at.column]: resealed });
    return updated > 0;
  }

  #tell({ resealed, left }: ResealingResult): void {
    const current = this.#box.currentKeyId;
    const others = [...left].map(
      ([keyId, count]) => `${count} with the key "${keyId}"`,
    );
    const message = `Encrypted values that are kept: ${resealed} were encrypted anew with the key "${current}"; ${
      others.length
        ? `left as they were, because they do not open or just changed: ${others.join(
            ', ',
          )}`
        : 'none needs another key'
    }`;
    if (others.length) {
      this.#logger.warn(message);
    } else {
      this.#logger.info(message);
    }
  }
}
