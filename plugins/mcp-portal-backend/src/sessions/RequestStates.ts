import { createHash, randomUUID } from 'node:crypto';
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { Knex } from 'knex';
import { inTime } from '../database/inTime';
import type { Sealer } from '../upstreams';

/** A person may have to answer in between. */
const LIFETIME_MS = 15 * 60_000;

/** What the portal has to remember between two rounds of a call, in the hands of the client. */
export interface RequestState {
  /** What the server gave to remember. */
  upstream?: string;
  /** The approval with which the call was let through. */
  approvalId?: string;
  /** A call that goes on in the portal while the client is asked, and the question's number. */
  paused?: { id: string; question: number };
  /** The request to connect the server that the user was asked to fulfil. */
  connectRequestId?: string;
}

/** To which call a state belongs: it is of no use for another. */
export interface StateOwner {
  callerUuid: string;
  portal: string;
  method: string;
  target: string;
  argumentDigest: string;
}

/**
 * The `requestState` of protocol revision 2026-07-28: encrypted, and bound to
 * the caller and the call, so that whoever holds it can only give it back.
 */
export class RequestStates {
  readonly #database: Knex;
  readonly #sealer: Sealer;

  constructor(options: { database: Knex; sealer: Sealer }) {
    this.#database = options.database;
    this.#sealer = options.sealer;
  }

  seal(state: RequestState, owner: StateOwner): string {
    return this.#sealer.seal(
      JSON.stringify({
        ...state,
        nonce: randomUUID(),
        until: Date.now() + LIFETIME_MS,
      }),
      contextOf(owner),
    );
  }

  /**
   * @throws ProtocolError when it was changed, is another call's, too old, or used up
   * @throws ServiceUnavailableError when the database does not answer
   */
  async open(sealed: string, owner: StateOwner): Promise<RequestState> {
    let opened: RequestState & { until: number };
    try {
      opened = JSON.parse(this.#sealer.open(sealed, contextOf(owner)));
    } catch {
      throw invalid();
    }
    if (
      opened.until < Date.now() ||
      (isGoodOnce(opened) && !(await this.#useUp(sealed, opened.until)))
    ) {
      throw invalid();
    }
    return opened;
  }

  /** Deletes what is of no use any more. */
  async deleteExpired(): Promise<void> {
    await this.#database('used_states')
      .where('until', '<', new Date())
      .delete();
  }

  async #useUp(sealed: string, until: number): Promise<boolean> {
    const hash = createHash('sha256').update(sealed).digest('hex');
    const inserted = await inTime<object[]>(
      this.#database('used_states')
        .insert({ hash, until: new Date(until) })
        .onConflict('hash')
        .ignore()
        .returning('hash'),
    );
    return inserted.length === 1;
  }
}

/**
 * An approval is for one call: its state must not start the next round twice.
 * And who answers a question a second time would wait for what is taken already.
 */
function isGoodOnce({ approvalId, paused }: RequestState): boolean {
  return approvalId !== undefined || paused !== undefined;
}

function contextOf(owner: StateOwner): string {
  return JSON.stringify([
    'request-state',
    owner.callerUuid,
    owner.portal,
    owner.method,
    owner.target,
    owner.argumentDigest,
  ]);
}

/** As the SDK words it. */
function invalid(): ProtocolError {
  return new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    'Invalid or expired requestState',
    { reason: 'invalid_request_state' },
  );
}
