import { createHash } from 'node:crypto';
import { InputError } from '@backstage/errors';
import type { CallRecord, Recording } from '@prompt-corner/code-mode';
import type {
  CodeExecution,
  CodeExecutionPage,
} from '@prompt-corner/plugin-mcp-portal-common';
import type { Knex } from 'knex';
import { inTime } from '../database/inTime';
import type { Sealer } from '../upstreams';
import {
  ExecutionProgress,
  ExecutionRow,
  progressRow,
  SHOWN,
  ShownRow,
  toExecution,
} from './ExecutionRow';

const TABLE = 'code_executions';

/** To get a sandbox, and to store what came of it. */
const AROUND_MS = 30 * 60_000;

/** In one statement. */
const DELETED_AT_ONCE = 1_000;

/** Whose execution it is: nobody else can go on with it. */
export interface ExecutionOwner {
  caller: string;
  portal: string;
}

/** With what a paused execution goes on. */
export interface PausedExecution {
  code: string;
  recording: Recording;
  calls: CallRecord[];
}

/** A paused execution that this request alone goes on with, or why there is none. */
export type Claim =
  | { kind: 'claimed'; id: string; paused: PausedExecution }
  | { kind: 'busy'; id: string }
  | { kind: 'none' };

/** Which executions; all given conditions must hold. */
export interface ExecutionConditions {
  /** UUID. */
  caller?: string;
  portal?: string;
  state?: string;
}

/** Executions in the database, for every replica. */
export class ExecutionStore {
  readonly #database: Knex;
  readonly #sealer: Sealer;
  /** After that, the replica that resumed an execution has ended. */
  readonly #lostMs: number;

  /**
   * @param options.sealer - encrypts what calls answered
   * @param options.longestMs - for which an execution runs and waits at most
   */
  constructor(options: { database: Knex; sealer: Sealer; longestMs: number }) {
    this.#database = options.database;
    this.#sealer = options.sealer;
    this.#lostMs = options.longestMs + AROUND_MS;
  }

  /**
   * Stores an execution that has ended or was paused.
   *
   * @param sentCode - as it came; `execution.code` is without secrets
   * @throws ServiceUnavailableError when the database does not answer
   */
  async insert(
    execution: Omit<CodeExecution, 'updatedAt'>,
    sentCode: string,
    paused?: PausedExecution,
  ): Promise<void> {
    await inTime(
      this.#database<ExecutionRow>(TABLE).insert({
        id: execution.id,
        kind: execution.kind,
        portal: execution.portal,
        caller_uuid: execution.caller,
        client_name: storable(execution.clientName)?.slice(0, 200) ?? null,
        code: storable(execution.code)!,
        code_digest: digestOf(sentCode),
        started_at: new Date(execution.startedAt),
        ...progressRow(execution),
        sealed: this.#seal(execution.id, execution, paused),
      }),
    );
  }

  /**
   * Stores how an execution went on that was {@link ExecutionStore.claim | claimed}.
   *
   * @throws ServiceUnavailableError when the database does not answer
   */
  async update(
    id: string,
    owner: ExecutionOwner,
    progress: ExecutionProgress,
    paused?: PausedExecution,
  ): Promise<void> {
    await inTime(
      this.#database<ExecutionRow>(TABLE)
        .where({ id })
        .update({
          ...progressRow(progress),
          sealed: this.#seal(id, owner, paused),
        }),
    );
  }

  /**
   * Takes a paused execution, on one replica only.
   *
   * @param which - its id, or the code that was paused
   * @throws ServiceUnavailableError when the database does not answer
   */
  async claim(
    owner: ExecutionOwner,
    which: { id: string } | { code: string },
  ): Promise<Claim> {
    const row = await this.#unfinished(owner, which);
    if (!row) {
      return { kind: 'none' };
    }
    const { id } = row;
    // What is taken is what the row has at that moment: it may have gone on, and
    // have been paused again, since it was found.
    const [taken]: Pick<ExecutionRow, 'sealed'>[] =
      row.state === 'paused'
        ? await inTime(
            this.#database<ExecutionRow>(TABLE)
              .where({ id, state: 'paused' })
              .update({ state: 'resuming', updated_at: new Date() })
              .returning('sealed'),
          )
        : [];
    return taken
      ? {
          kind: 'claimed',
          id,
          paused: JSON.parse(
            this.#sealer.open(taken.sealed!, contextOf(id, owner)),
          ),
        }
      : { kind: 'busy', id };
  }

  /**
   * Gives an execution back that was {@link ExecutionStore.claim | claimed} and did not go on.
   *
   * @throws ServiceUnavailableError when the database does not answer
   */
  async release(id: string): Promise<void> {
    await inTime(
      this.#database<ExecutionRow>(TABLE)
        .where({ id, state: 'resuming' })
        .update({ state: 'paused' }),
    );
  }

  async #unfinished(
    { caller, portal }: ExecutionOwner,
    which: { id: string } | { code: string },
  ): Promise<Pick<ExecutionRow, 'id' | 'state'> | undefined> {
    const query = this.#database<ExecutionRow>(TABLE)
      .select('id', 'state', 'updated_at')
      .where(
        'code' in which
          ? { code_digest: digestOf(which.code) }
          : { id: which.id },
      )
      .whereIn('state', ['paused', 'resuming'])
      .andWhere({ caller_uuid: caller, portal })
      .orderBy('started_at', 'desc');
    const rows: Pick<ExecutionRow, 'id' | 'state' | 'updated_at'>[] =
      await inTime(query);
    return rows.find(
      ({ state, updated_at: updatedAt }) =>
        state === 'paused' ||
        new Date(updatedAt).getTime() > Date.now() - this.#lostMs,
    );
  }

  /**
   * How many executions of somebody wait, in all portals.
   *
   * @throws ServiceUnavailableError when the database does not answer
   */
  async countPaused(caller: string): Promise<number> {
    const [{ total }] = await inTime(
      this.#database<ExecutionRow>(TABLE)
        .where({ caller_uuid: caller, state: 'paused' })
        .count<Array<{ total: number | string }>>({ total: '*' }),
    );
    return Number(total);
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

  /** Deletes what is old, and ends what was paused for too long. */
  async clean(options: { keepMs: number; pausedMs: number }): Promise<void> {
    const before = (ms: number) => new Date(Date.now() - ms);
    await this.#database<ExecutionRow>(TABLE)
      .where({ state: 'paused' })
      .andWhere('updated_at', '<', before(options.pausedMs))
      .orWhere(lost =>
        lost
          .where({ state: 'resuming' })
          .andWhere('updated_at', '<', before(this.#lostMs)),
      )
      .update({ state: 'cancelled', sealed: null });
    for (;;) {
      const old = await this.#database<ExecutionRow>(TABLE)
        .where('started_at', '<', before(options.keepMs))
        .limit(DELETED_AT_ONCE)
        .pluck('id');
      await this.#database<ExecutionRow>(TABLE).whereIn('id', old).delete();
      if (old.length < DELETED_AT_ONCE) {
        return;
      }
    }
  }

  #seal(
    id: string,
    owner: ExecutionOwner,
    paused: PausedExecution | undefined,
  ): string | null {
    return paused
      ? this.#sealer.seal(JSON.stringify(paused), contextOf(id, owner))
      : null;
  }
}

function contextOf(id: string, { caller, portal }: ExecutionOwner): string {
  return JSON.stringify([id, caller, portal]);
}

/** PostgreSQL has no texts with NUL: nobody keeps an execution out of sight by writing one. */
function storable(text: string | undefined): string | undefined {
  return text?.replaceAll('\0', '\uFFFD');
}

function digestOf(code: string): string {
  return createHash('sha256').update(code.trim()).digest('hex');
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
