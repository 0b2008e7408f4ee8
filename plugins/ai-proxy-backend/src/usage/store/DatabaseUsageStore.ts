import { toError } from '@backstage/errors';
import type { Knex } from 'knex';
import type { StorableEvent } from './EventRow';
import { rollUp } from './rollups';
import { writeStatements, WriteStatements } from './statements';
import { UnstorableError } from './UnstorableError';
import type { UsageStore } from './UsageStore';

/** A batch takes milliseconds; a lock is held by others for as long. */
const STATEMENT_TIMEOUT_MS = 20_000;

/** After that, the connection is taken for dead. The batch may be committed all the same. */
const TIMEOUT_MS = 30_000;

/** Classes of PostgreSQL's codes: data exception, integrity constraint violation. */
const POSTGRES_UNSTORABLE = /^2[23]/;
const SQLITE_UNSTORABLE = /^SQLITE_(?:CONSTRAINT|MISMATCH|TOOBIG|RANGE)/;

const MAX_REASON_LENGTH = 300;

/**
 * Keeps usage in the plugin's database: each event in `usage_events`, and in the same
 * transaction what it adds to the hours in `usage_by_caller` and `usage_by_model` and
 * to its session. So roll-ups are exact, and no question needs to add up events.
 *
 * Texts that repeat are stored once: a request refers to its series, and to the set of
 * teams that its caller was in.
 */
export class DatabaseUsageStore implements UsageStore {
  readonly #database: Knex;
  readonly #isPostgres: boolean;
  readonly #statements: WriteStatements;

  constructor(options: { database: Knex }) {
    this.#database = options.database;
    this.#isPostgres = options.database.client.config.client === 'pg';
    this.#statements = writeStatements(this.#isPostgres);
  }

  async write(events: readonly StorableEvent[]): Promise<number> {
    const unique = new Map(events.map(event => [event.row.id, event]));
    const work = this.#database.transaction(transaction =>
      this.#writeIn(transaction, unique),
    );
    try {
      return await inTime(work);
    } catch (error) {
      const { code } = error as { code?: string };
      const isUnstorable = (
        this.#isPostgres ? POSTGRES_UNSTORABLE : SQLITE_UNSTORABLE
      ).test(code ?? '');
      throw isUnstorable
        ? new UnstorableError('The database refuses events', reasonOf(error))
        : reasonOf(error);
    }
  }

  async #writeIn(
    transaction: Knex.Transaction,
    events: ReadonlyMap<string, StorableEvent>,
  ): Promise<number> {
    if (this.#isPostgres) {
      await transaction.raw(
        `set local statement_timeout = ${STATEMENT_TIMEOUT_MS}`,
      );
    }
    const {
      insertEvents,
      insertSeries,
      insertTeamSets,
      addByCaller,
      addByModel,
      addSessions,
    } = this.#statements;
    const result = await transaction.raw(insertEvents, [
      JSON.stringify(Array.from(events.values(), ({ row }) => row)),
    ]);
    const inserted: Array<{ id: string }> = this.#isPostgres
      ? result.rows
      : result;
    const rollups = rollUp(inserted.map(({ id }) => events.get(id)!));
    const steps: Array<[statement: string, rows: object[]]> = [
      [insertSeries, rollups.series],
      [insertTeamSets, rollups.teamSets],
      [addByCaller, rollups.byCaller],
      [addByModel, rollups.byModel],
      [addSessions, rollups.sessions],
    ];
    for (const [statement, rows] of steps) {
      if (rows.length) {
        await transaction.raw(statement, [JSON.stringify(rows)]);
      }
    }
    return inserted.length;
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`No answer within ${TIMEOUT_MS} ms`)),
      TIMEOUT_MS,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What the database said, without the statement that knex puts in front of it. */
function reasonOf(error: unknown): Error {
  const [reason] = toError(error).message.split(' - ').slice(-1);
  return new Error(reason.slice(-MAX_REASON_LENGTH));
}
