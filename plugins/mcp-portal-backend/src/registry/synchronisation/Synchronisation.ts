import type { LoggerService } from '@backstage/backend-plugin-api';
import { ConflictError } from '@backstage/errors';
import type { ServerRemote } from '@prompt-corner/plugin-mcp-portal-common';
import type { Knex } from 'knex';
import type { DecisionRecords } from '../../audit';
import {
  asPlainLine,
  definitionDecisions,
  DefinitionScreen,
  DefinitionStore,
  RecordedSnapshot,
  RecordingRules,
  SnapshotChanges,
  summaryOfDefinitions,
} from '../../definitions';
import { assertSecondPerson, RegistryUser } from '../Approver';
import { isSameRemotes } from '../catalog';
import type { ConfiguredServer } from '../config';
import type { RegistryVersion } from '../RegistryVersion';
import { assertUsable } from '../serverChecks';
import type { ServerRecord } from '../ServerRecord';
import type { ServerStore } from '../ServerStore';
import type { SnapshotReader } from './SnapshotReader';
import { SnapshotTaker, TakenSnapshot } from './SnapshotTaker';
import { LEAST_PAUSE_MS, SyncLease, SyncLeases } from './SyncLeases';

/** Snapshots that one replica takes at the same time. */
const AT_ONCE = 4;

/** After a first failure; doubled after each next one, up to the interval. */
const RETRY_MS = 30_000;

/** A lease outlives what reading, screening and storing can take together. */
const LEASE_MARGIN_MS = 60_000;

const MAX_ERROR_LENGTH = 500;

/**
 * Compares what servers offer with what was approved, from time to time, when
 * they say that they changed, and when somebody asks. Whatever goes wrong, the
 * last good snapshot stays, and the server's health says why.
 */
export class Synchronisation {
  readonly #database: Knex;
  readonly #servers: ServerStore;
  readonly #definitions: DefinitionStore;
  readonly #version: RegistryVersion;
  readonly #taker: SnapshotTaker;
  readonly #decisions: DecisionRecords;
  readonly #logger: LoggerService;
  readonly #configured: Map<string, ConfiguredServer>;
  readonly #intervalMs: number;
  readonly #leases: SyncLeases;
  readonly #requested = new Set<string>();
  readonly #running = new Set<Promise<unknown>>();
  #busySlots = 0;
  readonly #stop = new AbortController();

  constructor(options: {
    database: Knex;
    servers: ServerStore;
    definitions: DefinitionStore;
    version: RegistryVersion;
    reader: SnapshotReader;
    screen: DefinitionScreen;
    decisions: DecisionRecords;
    logger: LoggerService;
    configured: ConfiguredServer[];
    /** Between two snapshots of one server, about. */
    intervalMs: number;
    /** For reading one snapshot. */
    timeoutMs: number;
  }) {
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
    this.#taker = new SnapshotTaker({ ...options, stop: this.#stop.signal });
    this.#leases = new SyncLeases({
      database: options.database,
      leaseMs: options.timeoutMs + LEASE_MARGIN_MS,
    });
  }

  /**
   * Notes that a server said that its lists changed. Costs nothing, however
   * often it is called: the next {@link Synchronisation.syncDue} takes the
   * snapshot, at most one in 10 seconds over all replicas.
   */
  requestSync(entityRef: string): void {
    this.#requested.add(entityRef);
  }

  /**
   * Takes snapshots of servers whose time has come, a few at the same time,
   * until none is due; to be called every few seconds in every replica.
   *
   * @returns when the snapshots that it began are done
   */
  async syncDue(): Promise<void> {
    const requested = [...this.#requested];
    this.#requested.clear();
    if (requested.length) {
      await this.#leases.request(requested);
    }
    const free = Math.max(0, AT_ONCE - this.#busySlots);
    await Promise.all(Array.from({ length: free }, () => this.#fillSlot()));
  }

  /**
   * Takes a snapshot of an approved server now. Where each user signs in, it is
   * taken with the user's own connection, as are later ones when it succeeds.
   *
   * @returns what it changed; undefined when it failed, of which the health of the server tells
   * @throws NotFoundError, ConflictError when the server is not approved, or was synchronised just now
   */
  async syncNow(
    entityRef: string,
    user: RegistryUser,
  ): Promise<SnapshotChanges | undefined> {
    const { name, status } = await this.#servers.get(entityRef);
    if (status !== 'approved') {
      throw new ConflictError(
        `The server ${name} is ${status}; only approved ones are synchronised`,
      );
    }
    const lease = await this.#leases.take(entityRef, LEAST_PAUSE_MS);
    if (!lease) {
      throw new ConflictError(
        `The server ${name} is being synchronised, or was less than ${
          LEAST_PAUSE_MS / 1000
        } seconds ago; look again in a moment`,
      );
    }
    return this.#track(this.#synchronise(lease, user));
  }

  /**
   * Contacts a server that is not approved, or whose remotes changed since,
   * at the URLs that the catalog has: an explicit act of the approver, with the
   * approver's own connection where each user signs in.
   *
   * @throws NotFoundError, NotAllowedError when the user proposed or owns it, ConflictError when
   * there is nothing to inspect
   */
  async inspectServer(
    entityRef: string,
    user: RegistryUser,
  ): Promise<SnapshotChanges | undefined> {
    const server = await this.#servers.get(entityRef);
    if (server.status !== 'pending' && server.status !== 'suspended') {
      throw new ConflictError(
        `The server is ${server.status}; only a pending or suspended one is inspected`,
      );
    }
    assertUsable(server);
    assertSecondPerson(server, user);
    const lease = await this.#leases.take(entityRef, 0);
    if (!lease) {
      throw new ConflictError(
        'Someone is inspecting the server right now; look again in a moment',
      );
    }
    return this.#track(this.#synchronise(lease, user));
  }

  /** Breaks off what is running; nothing of it is stored. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled(this.#running);
  }

  /** Takes one snapshot after the other. */
  async #fillSlot(): Promise<void> {
    this.#busySlots++;
    try {
      let lease = await this.#leaseNext();
      while (lease) {
        await this.#track(this.#synchronise(lease));
        lease = await this.#leaseNext();
      }
    } finally {
      this.#busySlots--;
    }
  }

  /** Of the server that has waited longest. */
  async #leaseNext(): Promise<SyncLease | undefined> {
    while (!this.#stop.signal.aborted) {
      // Other slots and replicas want the same ones, so that one is not enough.
      const due = await this.#leases.due(AT_ONCE);
      if (!due.length) {
        return undefined;
      }
      for (const entityRef of due) {
        const lease = await this.#leases.take(entityRef, LEAST_PAUSE_MS);
        if (lease) {
          return lease;
        }
      }
    }
    return undefined;
  }

  async #track<T>(running: Promise<T>): Promise<T> {
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** @param user - who asked for it; undefined when it was due */
  async #synchronise(
    lease: SyncLease,
    user?: RegistryUser,
  ): Promise<SnapshotChanges | undefined> {
    const server = await this.#servers.get(lease.entityRef);
    try {
      const taken = await this.#taker.take(
        server,
        remotesToContact(server),
        user ? user.uuid : server.syncAs,
      );
      const recorded = await this.#record(lease, server, taken, user);
      await this.#version.announce();
      if (recorded?.configured.length) {
        await this.#recordDecisions(server.name, recorded.configured);
      }
      return recorded?.changes;
    } catch (error) {
      if (this.#stop.signal.aborted) {
        await this.#leases.release(lease);
      } else {
        await this.#recordFailure(lease, server, error);
      }
      return undefined;
    }
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
      const rules = this.#rulesFor(server);
      const recorded = await this.#definitions.record(
        entityRef,
        taken.definitions,
        rules,
        trx,
      );
      if (recorded.configured.length) {
        this.#decisions.assertAvailable();
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

  async #recordFailure(
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

/** Approved ones for an approved server; before that, what the catalog says and the approver is looking at. */
function remotesToContact(server: ServerRecord): ServerRemote[] {
  return server.status === 'approved'
    ? server.approvedRemotes!
    : server.catalog.remotes;
}
