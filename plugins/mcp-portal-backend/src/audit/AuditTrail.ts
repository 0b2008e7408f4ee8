import type { LoggerService } from '@backstage/backend-plugin-api';
import { ServiceUnavailableError, toError } from '@backstage/errors';
import type {
  AuditRecord,
  AuditStatus,
} from '@prompt-corner/plugin-mcp-portal-common';
import canonicalize from 'canonicalize';
import type { AuditKeys } from './AuditKeys';
import type { AuditStore } from './AuditStore';
import type { AuditTelemetry } from './AuditTelemetry';
import { boundedRecord } from './boundedRecord';
import { ChainWriter, WritableRecord } from './ChainWriter';
import type { AuditConfig } from './config';

/** In one transaction. 500 records of 15 columns stay far below what a statement may bind. */
const MAX_BATCH_RECORDS = 500;
const MAX_BATCH_BYTES = 4 * 1024 * 1024;

/** Between two messages that the trail fails. */
const ALARM_INTERVAL_MS = 10_000;

/** For how long calls are refused at once after a failure, before one may try again. */
const RETRY_MS = 1_000;

interface Waiting extends WritableRecord {
  bytes: number;
  timer?: NodeJS.Timeout;
  resolve(): void;
  reject(error: Error): void;
}

/**
 * The append-only record of what happens in the portals.
 *
 * Records that arrive while a transaction is under way wait for it and share the
 * next one, so that a database that takes its time for a commit takes it once for all of them.
 */
export class AuditTrail {
  readonly #writer: ChainWriter;
  readonly #settings: AuditConfig;
  readonly #telemetry?: AuditTelemetry;
  readonly #logger: LoggerService;
  readonly #clock: () => Date;

  /** In the order of arrival. */
  readonly #queue = new Set<Waiting>();
  #queuedBytes = 0;
  #draining?: Promise<void>;
  #closed = false;

  #failedAt?: number;
  #lastAlarmAt = -Infinity;
  readonly #status: AuditStatus;

  constructor(options: {
    store: AuditStore;
    keys: AuditKeys;
    settings: AuditConfig;
    logger: LoggerService;
    telemetry?: AuditTelemetry;
    /** Default: the system's. */
    clock?: () => Date;
  }) {
    this.#clock = options.clock ?? (() => new Date());
    this.#writer = new ChainWriter({ ...options, clock: this.#clock });
    this.#settings = options.settings;
    this.#telemetry = options.telemetry;
    this.#logger = options.logger;
    this.#status = {
      state: 'ok',
      onFailure: options.settings.onFailure,
      queuedRecords: 0,
      uncommittedRecords: 0,
    };
    this.#telemetry?.observeQueue(() => this.#queue.size);
  }

  /**
   * Records something. Resolves when the record is committed; or, when
   * `mcpPortal.audit.onFailure` is `degrade`, when it is in the log instead.
   * Unknown fields are dropped, and long ones cut.
   *
   * @throws ServiceUnavailableError when it could not be committed in time; the call must then fail
   */
  async append(record: AuditRecord): Promise<void> {
    const bounded = boundedRecord(record);
    const text = canonicalize(bounded)!;
    try {
      await this.#enqueue({ record: bounded, text });
    } catch (cause) {
      const error = toError(cause);
      this.#reportUncommitted(text, error);
      if (this.#settings.onFailure === 'deny') {
        throw new ServiceUnavailableError(
          'The portal could not record this in its audit trail, so it was refused. Try again later.',
          error,
        );
      }
    }
    this.#telemetry?.recordOperation(bounded);
  }

  /**
   * Refuses a call or decision whose record would be lost, before it does something. A
   * second after a failure, one may try again.
   *
   * @throws ServiceUnavailableError when the last commit failed, or the queue is full
   */
  assertAvailable(): void {
    if (this.#settings.onFailure === 'degrade') {
      return;
    }
    const failing =
      this.#failedAt !== undefined &&
      performance.now() - this.#failedAt < RETRY_MS;
    if (failing || this.#closed || this.#isFull(0)) {
      throw new ServiceUnavailableError(
        'The audit trail of the portal is not available, so nothing can be called or decided. Try again later.',
      );
    }
  }

  /** How the trail of this replica is. */
  status(): AuditStatus {
    return {
      ...this.#status,
      writer: this.#writer.writer,
      queuedRecords: this.#queue.size,
    };
  }

  /** Commits what is waiting, and takes nothing more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#draining;
  }

  #enqueue({ record, text }: WritableRecord): Promise<void> {
    const bytes = Buffer.byteLength(text);
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        throw new Error('the audit trail is closed');
      }
      if (this.#isFull(bytes)) {
        throw new Error(
          `${this.#queue.size} records (${
            this.#queuedBytes
          } bytes) are waiting already`,
        );
      }
      const waiting: Waiting = { record, text, bytes, resolve, reject };
      waiting.timer = setTimeout(() => {
        this.#dequeue(waiting);
        reject(
          new Error(
            `it was not committed within ${this.#settings.commitTimeoutMs} ms`,
          ),
        );
      }, this.#settings.commitTimeoutMs);
      this.#queue.add(waiting);
      this.#queuedBytes += bytes;
      this.#draining ??= this.#drain();
    });
  }

  #isFull(bytes: number): boolean {
    return (
      this.#queue.size >= this.#settings.maxQueuedRecords ||
      this.#queuedBytes + bytes > this.#settings.maxQueuedBytes
    );
  }

  #dequeue(waiting: Waiting): void {
    if (this.#queue.delete(waiting)) {
      this.#queuedBytes -= waiting.bytes;
    }
  }

  async #drain(): Promise<void> {
    // Those that arrive in the same turn of the event loop go together.
    await new Promise(setImmediate);
    while (this.#queue.size) {
      await this.#writeBatch(this.#nextBatch());
    }
    this.#draining = undefined;
  }

  #nextBatch(): Waiting[] {
    const batch: Waiting[] = [];
    let bytes = 0;
    for (const waiting of this.#queue) {
      bytes += waiting.bytes;
      if (
        batch.length === MAX_BATCH_RECORDS ||
        (batch.length && bytes > MAX_BATCH_BYTES)
      ) {
        break;
      }
      batch.push(waiting);
    }
    batch.forEach(waiting => this.#dequeue(waiting));
    return batch;
  }

  async #writeBatch(batch: Waiting[]): Promise<void> {
    const startedAt = performance.now();
    let outcome: 'ok' | 'error' = 'ok';
    try {
      await this.#writer.write(batch, this.#settings.commitTimeoutMs);
      this.#failedAt = undefined;
      this.#status.state = 'ok';
      this.#status.lastCommitAt = this.#clock().toISOString();
      batch.forEach(({ resolve }) => resolve());
    } catch (cause) {
      outcome = 'error';
      const error = toError(cause);
      batch.forEach(({ reject }) => reject(error));
    }
    batch.forEach(({ timer }) => clearTimeout(timer));
    this.#telemetry?.recordCommit({
      durationMs: performance.now() - startedAt,
      records: batch.length,
      outcome,
    });
  }

  /** What the database did not take goes to the log, so that it is not lost: what it tells of may have happened. */
  #reportUncommitted(text: string, error: Error): void {
    const now = performance.now();
    this.#failedAt = now;
    this.#status.state = 'failing';
    this.#status.uncommittedRecords += 1;
    this.#status.lastFailureAt = this.#clock().toISOString();
    this.#status.lastError = error.message;
    this.#telemetry?.recordUncommitted(this.#settings.onFailure);
    this.#logger.error('Audit record that was not committed', {
      auditRecord: text,
    });
    if (now - this.#lastAlarmAt >= ALARM_INTERVAL_MS) {
      this.#lastAlarmAt = now;
      const consequence =
        this.#settings.onFailure === 'deny'
          ? 'calls are refused'
          : 'calls go on without a record in the database (mcpPortal.audit.onFailure is degrade)';
      this.#logger.error(
        `THE AUDIT TRAIL FAILS: ${consequence}; ${
          this.#status.uncommittedRecords
        } records since the start are in the log only`,
        error,
      );
    }
  }
}
