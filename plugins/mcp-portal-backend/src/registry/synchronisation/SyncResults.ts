import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';
import type { DecisionRecords } from '../../audit';
import {
  asPlainLine,
  definitionDecisions,
  DefinitionStore,
  RecordedSnapshot,
  RecordingRules,
  SnapshotChanges,
  summaryOfDefinitions,
} from '../../definitions';
import type { RegistryUser } from '../Approver';
import { isSameRemotes } from '../catalog';
import type { ConfiguredServer } from '../config';
import type { RegistryVersion } from '../RegistryVersion';
import type { ServerRecord } from '../ServerRecord';
import type { ServerStore } from '../ServerStore';
import { PortalUnavailableError } from './PortalUnavailableError';
import { remotesToContact } from './remotesToContact';
import type { TakenSnapshot } from './SnapshotTaker';
import type { SyncLease, SyncLeases } from './SyncLeases';

/** After a first failure; doubled after each next one, up to the interval. */
const RETRY_MS = 30_000;

const MAX_ERROR_LENGTH = 500;

/** What {@link SyncResults} is made with. */
export interface SyncResultsOptions {
  database: Knex;
  servers: ServerStore;
  definitions: DefinitionStore;
  version: RegistryVersion;
  decisions: DecisionRecords;
  logger: LoggerService;
  configured: ConfiguredServer[];
  /** Between two snapshots of one server, about. */
  intervalMs: number;
  leases: SyncLeases;
}

/** Stores what came of looking at a server, ends the lease for it, and says when the next snapshot is due. */
export class SyncResults {
  readonly #database: Knex;
  readonly #servers: ServerStore;
  readonly #definitions: DefinitionStore;
  readonly #version: RegistryVersion;
  readonly #decisions: DecisionRecords;
  readonly #logger: LoggerService;
  readonly #configured: Map<string, ConfiguredServer>;
  readonly #intervalMs: number;
  readonly #leases: SyncLeases;

  constructor(options: SyncResultsOptions) {
    this.#database = options.database;
    this.#servers = options.servers;
    this.#definitions = options.definitions;
    this.#version = options.version;
    this.#decisions = options.decisions;
    this.#logger = options.logger;
    this.#configured = new Map(
      options.configured.flatMap(server =>
        server.entityRef ? [[server.entityRef, server] as const] : [],
      ),
    );
    this.#intervalMs = options.intervalMs;
    this.#leases = options.leases;
  }

  /**
   * Stores a snapshot.
   *
   * @param asked - the server as it was when it was asked
   * @param user - who had it taken; undefined when it was due
   * @returns what it changed; undefined when the server is not what it was when it was asked
   * @throws PortalUnavailableError when what the configuration approves of it cannot be recorded now
   */
  async store(
    lease: SyncLease,
    asked: ServerRecord,
    taken: TakenSnapshot,
    user: RegistryUser | undefined,
  ): Promise<SnapshotChanges | undefined> {
    const recorded = await this.#record(lease, asked, taken, user);
    await this.#version.announce();
    if (recorded?.configured.length) {
      await this.#recordDecisions(asked.name, recorded.configured);
    }
    return recorded?.changes;
  }

  /** Stores what the server, or the way to it, got wrong. Its last good snapshot stays. */
  async storeFailure(
    lease: SyncLease,
    server: ServerRecord,
    error: unknown,
  ): Promise<void> {
    const message = asPlainLine(
      error instanceof Error ? error.message : String(error),
      MAX_ERROR_LENGTH,
    );
    const retryMs = RETRY_MS * 2 ** Math.min(server.consecutiveFailures, 20);
    const isNews = await this.#database.transaction(async trx => {
      const { health } = await this.#servers.lock(lease.entityRef, trx);
      await this.#leases.end(
        lease,
        { nextInMs: Math.min(retryMs, this.#nextInMs()), error: message },
        trx,
      );
      if (health.error !== message) {
        await this.#version.bump(lease.entityRef, trx);
      }
      return health.error !== message;
    });
    await this.#version.announce();
    this.#logger[isNews ? 'warn' : 'debug'](
      `Could not synchronise the MCP server ${server.name}, its last good snapshot stays: ${message}`,
    );
  }

  /** Nothing was learnt of the server: what is known of it stays, its health too. */
  async putOff(lease: SyncLease): Promise<void> {
    await this.#leases.putOff(lease, {
      nextInMs: Math.min(RETRY_MS, this.#nextInMs()),
    });
  }

  async #record(
    lease: SyncLease,
    asked: ServerRecord,
    taken: TakenSnapshot,
    user: RegistryUser | undefined,
  ): Promise<RecordedSnapshot | undefined> {
    const { entityRef } = lease;
    return this.#database.transaction(async trx => {
      const server = await this.#servers.lock(entityRef, trx);
      const isCurrent =
        (await this.#leases.holds(lease, trx)) &&
        server.status === asked.status &&
        isSameRemotes(remotesToContact(server), remotesToContact(asked));
      if (!isCurrent) {
        // Suspended meanwhile, or moved: what came is not an answer to the question of now.
        await this.#leases.release(lease, trx);
        return undefined;
      }
      const recorded = await this.#definitions.record(
        entityRef,
        taken.definitions,
        this.#rulesFor(server),
        trx,
      );
      if (recorded.configured.length) {
        this.#assertRecordable();
        await this.#servers.appendHistory(
          entityRef,
          {
            action: 'approve-definitions',
            from: server.status,
            to: server.status,
            by: 'config',
            reason: summaryOfDefinitions(recorded.configured),
          },
          trx,
        );
      }
      await this.#servers.update(
        entityRef,
        {
          about: taken.about,
          ...(server.status === 'approved'
            ? { trustFirstSnapshot: false, syncAs: user?.uuid }
            : { inspectedRemotes: remotesToContact(asked) }),
        },
        trx,
      );
      await this.#leases.end(lease, { nextInMs: this.#nextInMs() }, trx);
      if (recorded.changes.total || server.health.state !== 'healthy') {
        await this.#version.bump(entityRef, trx);
      }
      return recorded;
    });
  }

  #assertRecordable(): void {
    try {
      this.#decisions.assertAvailable();
    } catch (error) {
      throw new PortalUnavailableError(
        'What the configuration approves cannot be recorded now',
        error,
      );
    }
  }

  /** The snapshot is stored: a record that fails is in the log, and no fault of the server. */
  async #recordDecisions(
    server: string,
    definitions: RecordedSnapshot['configured'],
  ): Promise<void> {
    try {
      await this.#decisions.record(
        'config',
        definitionDecisions(server, 'approved', definitions),
      );
    } catch (error) {
      this.#logger.warn(
        `Definitions of ${server} were approved by the configuration without a record: ${error}`,
      );
    }
  }

  /** What configuration says counts for servers that it approved. */
  #rulesFor(server: ServerRecord): RecordingRules | undefined {
    const configured = this.#configured.get(server.entityRef);
    if (
      server.status !== 'approved' ||
      configured?.name !== server.name ||
      !configured.approval
    ) {
      return undefined;
    }
    return {
      approval: configured.approval,
      trusted: server.trustFirstSnapshot,
    };
  }

  /** With jitter, so that servers which started together drift apart. */
  #nextInMs(): number {
    return this.#intervalMs * (0.9 + 0.2 * Math.random());
  }
}
