import { createHash } from 'node:crypto';
import type { CallRecord, Recording } from '@prompt-corner/code-mode';
import type { CodeExecution } from '@prompt-corner/plugin-mcp-portal-common';
import type { Knex } from 'knex';
import { inTime } from '../database/inTime';
import type { Sealer } from '../upstreams';
import {
  ExecutionProgress,
  ExecutionRow,
  progressRow,
  TABLE,
} from './ExecutionRow';

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
  /** As it was sent. */
  code: string;
  recording: Recording;
  calls: CallRecord[];
  /** Which tools its calls were about, by their names in code. */
  origins: Record<string, string>;
}

/** A paused execution that this request alone goes on with, or why there is none. */
export type Claim =
  | { kind: 'claimed'; id: string; paused: PausedExecution }
  | { kind: 'busy'; id: string }
  | { kind: 'none' };

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
   * @param execution - its code is without secrets
   * @throws ServiceUnavailableError when the database does not answer
   */
  async insert(
    execution: Omit<CodeExecution, 'updatedAt'>,
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
        started_at: new Date(execution.startedAt),
        ...progressRow(execution),
        ...this.#kept(execution.id, execution, paused),
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
          ...this.#kept(id, owner, paused),
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
    if (!taken) {
      return { kind: 'busy', id };
    }
    try {
      const opened = this.#sealer.open(taken.sealed!, contextOf(id, owner));
      return { kind: 'claimed', id, paused: JSON.parse(opened) };
    } catch {
      // Its key is gone.
      await inTime(
        this.#database<ExecutionRow>(TABLE)
          .where({ id })
          .update({ state: 'error', sealed: null, code_digest: '' }),
      );
      return { kind: 'none' };
    }
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
      .update({ state: 'cancelled', sealed: null, code_digest: '' });
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

  /** A digest tells who guesses what the code was: it is kept only as long as it is looked for. */
  #kept(id: string, owner: ExecutionOwner, paused?: PausedExecution) {
    return paused
      ? {
          sealed: this.#sealer.seal(
            JSON.stringify(paused),
            contextOf(id, owner),
          ),
          code_digest: digestOf(paused.code),
        }
      : { sealed: null, code_digest: '' };
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
