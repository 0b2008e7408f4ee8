import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import { inTime } from '../database/inTime';
import type { Sealer } from '../upstreams/UpstreamSessions';

/** How often a replica looks for what another one received, while something waits for it. */
const POLL_MS = 200;

/** Nobody waits longer. */
const KEPT_MS = 15 * 60_000;

interface MessageRow {
  id: number;
  session_hash: string;
  subject: string;
  sealed: string;
}

/** What a message is about: nothing else is delivered to who waits for it. */
export interface MessageAddress {
  /** Session of the client, or another secret that only its replicas share. */
  session: string;
  /** What it answers, such as the id of a request. */
  subject: string;
}

/**
 * Brings messages of clients to the replica that waits for them.
 *
 * A message for which this replica waits is handed over at once. Any other is
 * stored, and the replica that waits for it finds it within {@link POLL_MS}.
 */
export class ClientMessages {
  readonly #database: Knex;
  readonly #sealer: Sealer;
  readonly #waiting = new Map<string, (message: unknown) => void>();
  #poll: NodeJS.Timeout | undefined;

  constructor(options: { database: Knex; sealer: Sealer }) {
    this.#database = options.database;
    this.#sealer = options.sealer;
  }

  async deliver(address: MessageAddress, message: unknown): Promise<void> {
    const key = keyOf(address);
    const waiter = this.#waiting.get(key);
    if (waiter) {
      this.#waiting.delete(key);
      waiter(message);
      return;
    }
    await inTime(
      this.#database('client_messages')
        .insert({
          session_hash: address.session,
          subject: hashOf(address.subject),
          sealed: this.#sealer.seal(JSON.stringify(message), key),
          created_at: new Date(),
        })
        // The first answer counts.
        .onConflict(['session_hash', 'subject'])
        .ignore(),
    );
  }

  /**
   * Waits for a message. One waits for each address.
   *
   * @throws the reason of the signal
   */
  async wait(address: MessageAddress, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    const key = keyOf(address);
    return new Promise((resolve, reject) => {
      const stop = () => {
        this.#waiting.delete(key);
        reject(signal.reason);
      };
      this.#waiting.set(key, message => {
        signal.removeEventListener('abort', stop);
        resolve(message);
      });
      signal.addEventListener('abort', stop, { once: true });
      this.#schedule();
    });
  }

  /** Takes a message back that was delivered. @returns false when somebody has taken it */
  async takeBack({ session, subject }: MessageAddress): Promise<boolean> {
    const taken = await inTime<number>(
      this.#database('client_messages')
        .where({ session_hash: session, subject: hashOf(subject) })
        .delete(),
    );
    return taken > 0;
  }

  async deleteExpired(): Promise<void> {
    await this.#database('client_messages')
      .where('created_at', '<', new Date(Date.now() - KEPT_MS))
      .delete();
  }

  #schedule(): void {
    if (this.#poll || !this.#waiting.size) {
      return;
    }
    this.#poll = setTimeout(async () => {
      await this.#collect().catch(() => {
        // The database is away; what waits has time limits of its own.
      });
      this.#poll = undefined;
      this.#schedule();
    }, POLL_MS);
    this.#poll.unref();
  }

  async #collect(): Promise<void> {
    const addresses = [...this.#waiting.keys()].map(
      key => JSON.parse(key) as [string, string],
    );
    const rows: MessageRow[] = await inTime(
      this.#database('client_messages')
        .whereIn(['session_hash', 'subject'], addresses)
        .select('id', 'session_hash', 'subject', 'sealed'),
    );
    for (const row of rows) {
      const key = JSON.stringify([row.session_hash, row.subject]);
      const waiter = this.#waiting.get(key);
      const taken = await inTime<number>(
        this.#database('client_messages').where({ id: row.id }).delete(),
      );
      if (waiter && taken) {
        this.#waiting.delete(key);
        waiter(JSON.parse(this.#sealer.open(row.sealed, key)));
      }
    }
  }
}

function keyOf({ session, subject }: MessageAddress): string {
  return JSON.stringify([session, hashOf(subject)]);
}

/** What clients choose themselves may be long. */
function hashOf(subject: string): string {
  return createHash('sha256').update(subject).digest('hex');
}
