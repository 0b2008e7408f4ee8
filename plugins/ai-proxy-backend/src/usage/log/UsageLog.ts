import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { UsageEvent } from '@prompt-corner/plugin-ai-proxy-common';
import { setTimeout as wait } from 'node:timers/promises';
import {
  StorableEvent,
  storableEvent,
  UnstorableError,
  UsageStore,
} from '../store';
import type { UsageTelemetry } from '../telemetry';

/** In one transaction. SQLite does it on the thread that serves requests: 200 take it some 30 ms. */
const MAX_BATCH = 200;

/** How long an event waits for others. A crash loses what waits, and the batch that is under way. */
const BATCH_WAIT_MS = 1_000;

/** After a failure, doubled with each further one up to the longest. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;

/** Between two messages that events are lost. */
const ALARM_INTERVAL_MS = 10_000;

/** How the log of this replica is. */
export interface UsageLogStatus {
  /** Events that wait for the database. */
  queued: number;
  /** Events since the start that are in no table. */
  lost: number;
  /** What the database said, while it refuses. */
  lastError?: string;
}

/**
 * Takes usage events, and brings them to the database in batches.
 *
 * A batch that fails is tried again until it is stored, in order; ids make sure that
 * none counts twice. When too many wait, the newest are the ones that are lost: what is
 * stored then has one gap, whose begin is known, and no older event was waiting in vain.
 */
export class UsageLog {
  readonly #store: UsageStore;
  readonly #logger: LoggerService;
  readonly #telemetry?: UsageTelemetry;
  readonly #maxQueued: number;
  readonly #waitMs: number;
  readonly #retryMs: number;

  #queue: UsageEvent[] = [];
  #timer?: NodeJS.Timeout;
  #draining?: Promise<void>;
  readonly #closing = new AbortController();

  #lost = 0;
  #lastError?: string;
  #lastAlarmAt = -Infinity;

  constructor(options: {
    store: UsageStore;
    logger: LoggerService;
    settings: { maxQueuedEvents: number };
    telemetry?: UsageTelemetry;
    /** Default: a second. */
    batchWaitMs?: number;
    /** The first wait after a failure. Default: half a second. */
    retryMs?: number;
  }) {
    this.#store = options.store;
    this.#logger = options.logger;
    this.#telemetry = options.telemetry;
    this.#maxQueued = options.settings.maxQueuedEvents;
    this.#waitMs = options.batchWaitMs ?? BATCH_WAIT_MS;
    this.#retryMs = options.retryMs ?? FIRST_RETRY_MS;
    this.#telemetry?.observeQueue(() => this.#queue.length);
  }

  /** Takes an event. Returns at once and never throws. */
  record(event: UsageEvent): void {
    try {
      this.#telemetry?.recordEvent(event);
    } catch (error) {
      this.#logger.warn('Could not measure a request', toError(error));
    }
    if (this.#closing.signal.aborted) {
      this.#lose(1, 'the proxy is shutting down');
      return;
    }
    if (this.#queue.length >= this.#maxQueued) {
      this.#lose(
        1,
        `${
          this.#maxQueued
        } wait for the database already (aiProxy.usage.maxQueuedEvents)`,
      );
      return;
    }
    this.#queue.push(event);
    if (this.#queue.length >= MAX_BATCH) {
      this.#drain();
    } else if (!this.#timer && !this.#draining) {
      this.#timer = setTimeout(() => this.#drain(), this.#waitMs);
      this.#timer.unref();
    }
  }

  /** How this replica's log is. */
  status(): UsageLogStatus {
    return {
      queued: this.#queue.length,
      lost: this.#lost,
      lastError: this.#lastError,
    };
  }

  /** Stores what has been recorded until now; waits as long as the database refuses. */
  async flush(): Promise<void> {
    while (this.#queue.length) {
      await this.#drain();
    }
    await this.#draining;
  }

  /** Takes nothing more, and tries once to store what waits. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#draining;
    await this.#drain();
    if (this.#queue.length) {
      this.#lose(this.#queue.length, 'the database refused them at shutdown');
      this.#queue = [];
    }
  }

  #drain(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#draining ??= this.#storeAll().finally(() => {
      this.#draining = undefined;
      // What came since is too little for a batch.
      if (this.#queue.length && !this.#closing.signal.aborted) {
        this.#timer ??= setTimeout(() => this.#drain(), this.#waitMs);
        this.#timer.unref();
      }
    });
    return this.#draining;
  }

  /** Stores what waits at the begin, and then as long as there are full batches. */
  async #storeAll(): Promise<void> {
    let waiting = this.#queue.length;
    while (waiting > 0 || this.#queue.length >= MAX_BATCH) {
      const batch = this.#queue.slice(0, MAX_BATCH);
      if (!(await this.#storeUntilDone(batch))) {
        return;
      }
      this.#queue.splice(0, batch.length);
      waiting -= batch.length;
    }
  }

  /** @returns whether nothing of the batch has to be stored any more */
  async #storeUntilDone(batch: UsageEvent[]): Promise<boolean> {
    const events = this.#storable(batch);
    for (let retryMs = this.#retryMs; ; retryMs *= 2) {
      const startedAt = performance.now();
      try {
        await this.#storeParts(events);
        this.#lastError = undefined;
        this.#telemetry?.recordBatch(performance.now() - startedAt, 'ok');
        return true;
      } catch (cause) {
        const error = toError(cause);
        this.#lastError = error.message;
        this.#telemetry?.recordBatch(performance.now() - startedAt, 'error');
        this.#alarm(
          `Usage events are not stored, and are tried again; ${
            this.#queue.length
          } wait`,
          error,
        );
      }
      if (!(await this.#waitToRetry(Math.min(retryMs, LONGEST_RETRY_MS)))) {
        return false;
      }
    }
  }

  /** What the database would refuse each time is looked for by halves, and left out. */
  async #storeParts(events: StorableEvent[]): Promise<void> {
    if (!events.length) {
      return;
    }
    try {
      await this.#store.write(events);
    } catch (error) {
      if (!(error instanceof UnstorableError)) {
        throw error;
      }
      if (events.length === 1) {
        this.#lose(1, `the database refuses it: ${error.message}`);
        return;
      }
      const middle = events.length >> 1;
      await this.#storeParts(events.slice(0, middle));
      await this.#storeParts(events.slice(middle));
    }
  }

  #storable(batch: UsageEvent[]): StorableEvent[] {
    return batch.flatMap(event => {
      try {
        return storableEvent(event);
      } catch (error) {
        this.#lose(1, `it is malformed: ${toError(error).message}`);
        return [];
      }
    });
  }

  /** @returns whether to try again: not at shutdown */
  async #waitToRetry(milliseconds: number): Promise<boolean> {
    const { signal } = this.#closing;
    if (signal.aborted) {
      return false;
    }
    try {
      await wait(milliseconds, undefined, { signal, ref: false });
    } catch {
      // Once more, without a wait.
    }
    return true;
  }

  #lose(count: number, reason: string): void {
    this.#lost += count;
    this.#telemetry?.recordLost(count);
    this.#alarm(
      `Usage is incomplete: ${
        this.#lost
      } events since the start are lost; the last one because ${reason}`,
    );
  }

  #alarm(message: string, error?: Error): void {
    const now = performance.now();
    if (now - this.#lastAlarmAt >= ALARM_INTERVAL_MS) {
      this.#lastAlarmAt = now;
      this.#logger.error(message, error);
    }
  }
}
