import { InputError } from '@backstage/errors';
import type {
  CodeExecution,
  CodeExecutionPage,
} from '@prompt-corner/plugin-mcp-portal-common';
import type { Knex } from 'knex';
import {
  ExecutionRow,
  SHOWN,
  ShownRow,
  TABLE,
  toExecution,
} from './ExecutionRow';

/** Which executions; all given conditions must hold. */
export interface ExecutionConditions {
  /** UUID. */
  caller?: string;
  /** Name of a portal, or `apis/` and that of an API. */
  portal?: string;
  state?: string;
}

/** What executions did, for people to see. */
export class ExecutionHistory {
  readonly #database: Knex;

  constructor(options: { database: Knex }) {
    this.#database = options.database;
  }

  async get(id: string): Promise<CodeExecution | undefined> {
    const row = await this.#database<ExecutionRow>(TABLE)
      .where({ id })
      .first(SHOWN);
    return row && toExecution(row);
  }

  /**
   * Finds executions, the latest first.
   *
   * @throws InputError when the cursor is none
   */
  async list(
    { caller, portal, state }: ExecutionConditions,
    page: { cursor?: string; limit: number },
  ): Promise<CodeExecutionPage> {
    const query = this.#database<ExecutionRow>(TABLE)
      .select(SHOWN)
      .orderBy([
        { column: 'started_at', order: 'desc' },
        { column: 'id', order: 'desc' },
      ])
      .limit(page.limit + 1);
    if (caller !== undefined) {
      query.andWhere({ caller_uuid: caller });
    }
    if (portal !== undefined) {
      query.andWhere({ portal });
    }
    if (state !== undefined) {
      query.andWhere({ state });
    }
    if (page.cursor !== undefined) {
      const { at, id } = readCursor(page.cursor);
      query.andWhereRaw('(started_at, id) < (?, ?)', [at, id]);
    }
    const rows: ShownRow[] = await query;
    const items = rows.slice(0, page.limit).map(toExecution);
    const last = items.at(-1);
    return rows.length > page.limit && last
      ? { items, nextCursor: writeCursor(last) }
      : { items };
  }
}

function writeCursor({ startedAt, id }: CodeExecution): string {
  return Buffer.from(`${Date.parse(startedAt)} ${id}`).toString('base64url');
}

function readCursor(cursor: string): { at: Date; id: string } {
  const [time, id] = Buffer.from(cursor, 'base64url').toString().split(' ');
  const at = new Date(Number(time));
  if (!id || id.length > 36 || Number.isNaN(at.getTime())) {
    throw new InputError('The cursor is none; take it from an earlier answer');
  }
  return { at, id };
}
