import type { LoggerService } from '@backstage/backend-plugin-api';
import type { AgentAuthBackend } from '../internal/AgentAuthBackend';
import type { Timings } from './timings';

/** Keeps the replicas of a deployment from asking all at once. */
const JITTER = 0.1;

/** What has to be forgotten. */
export interface Revocations {
  /** Whether all that is known has to be forgotten. */
  everything: boolean;
  /** Ids of revoked connections. */
  connections: ReadonlySet<string>;
  /** Hashes of revoked tokens. */
  hashes: readonly string[];
}

/** A point in agent-auth's history of revocations at which something was read. */
export interface Reading {
  /** Sequence number of the latest revocation before it. */
  sequence: number;
  /** When it was asked for, as in `performance.now()`. */
  askedAt: number;
}

/**
 * Learns of revocations by asking for them every two seconds.
 *
 * The feed keeps a cursor: the sequence number up to which listeners have been
 * told everything. Something read at sequence number `s` shows all revocations
 * up to `s`. If `s` is at or after the cursor when it is put in memory, all
 * later revocations are still to be told, and none is missed. If `s` is before
 * the cursor, a poll was answered while the question was under way, and what it
 * told may have been about this very thing: {@link RevocationFeed.follows}
 * says no, and it may be used once but not kept.
 *
 * The cursor starts at the first reading, so nothing falls between that and
 * the first poll.
 */
export class RevocationFeed {
  readonly #pollMs: number;
  readonly #logger: LoggerService;
  readonly #listeners: Array<(revocations: Revocations) => void> = [];
  #cursor: number | undefined;
  #resetAt = -Infinity;
  #confirmedAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #failing = false;
  #stopped = false;

  constructor(options: { timings: Timings; logger: LoggerService }) {
    this.#pollMs = options.timings.pollMs;
    this.#logger = options.logger;
  }

  /** Calls the listener with everything that has to be forgotten from now on. */
  onRevocations(listener: (revocations: Revocations) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Start of the last poll that was answered, as in `performance.now()`.
   * Revocations before it have been told.
   */
  get confirmedAt(): number {
    return this.#confirmedAt;
  }

  /**
   * Whether every revocation after this reading is still to be told. The first
   * reading starts the polling.
   *
   * @param backend - to ask for revocations
   */
  follows(reading: Reading, backend: AgentAuthBackend): boolean {
    // Its sequence number may be of the history before the reset.
    if (reading.askedAt <= this.#resetAt) {
      return false;
    }
    if (this.#cursor === undefined) {
      this.#cursor = reading.sequence;
      this.#schedule(backend, performance.now());
    }
    return reading.sequence >= this.#cursor;
  }

  /** Ends the polling. What is in memory is soon trusted no more. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(backend: AgentAuthBackend, lastStartedAt: number): void {
    if (this.#stopped) {
      return;
    }
    const intervalMs = this.#pollMs * (1 - JITTER + 2 * JITTER * Math.random());
    this.#timer = setTimeout(
      () => this.#poll(backend),
      Math.max(0, lastStartedAt + intervalMs - performance.now()),
    );
    this.#timer.unref();
  }

  async #poll(backend: AgentAuthBackend): Promise<void> {
    const startedAt = performance.now();
    const after = this.#cursor!;
    try {
      const answer = await backend.revocations(after);
      // A database that was restored counts from an earlier number.
      const everything = answer.reset === true || answer.last < after;
      if (everything) {
        this.#resetAt = performance.now();
      }
      this.#tell({
        everything,
        connections: new Set(answer.connections),
        hashes: answer.hashes,
      });
      this.#cursor = answer.last;
      this.#confirmedAt = startedAt;
      this.#failing = false;
    } catch (error) {
      // Once for each outage: this runs every two seconds.
      if (!this.#failing) {
        this.#logger.warn(
          `Cannot learn of revoked agent tokens; until it works again each request is checked with agent-auth: ${error}`,
        );
      }
      this.#failing = true;
    }
    this.#schedule(backend, startedAt);
  }

  #tell(revocations: Revocations): void {
    const { everything, connections, hashes } = revocations;
    if (everything || connections.size > 0 || hashes.length > 0) {
      this.#listeners.forEach(listener => listener(revocations));
    }
  }
}
