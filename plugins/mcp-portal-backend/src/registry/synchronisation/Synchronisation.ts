import type { LoggerService } from '@backstage/backend-plugin-api';
import { ConflictError } from '@backstage/errors';
import type { DefinitionScreen, SnapshotChanges } from '../../definitions';
import { assertSecondPerson, RegistryUser } from '../Approver';
import { assertUsable } from '../serverChecks';
import type { ServerStore } from '../ServerStore';
import { PortalUnavailableError } from './PortalUnavailableError';
import { remotesToContact } from './remotesToContact';
import type { SnapshotReader } from './SnapshotReader';
import { SnapshotTaker } from './SnapshotTaker';
import { LEAST_PAUSE_MS, SyncLease, SyncLeases } from './SyncLeases';
import { SyncResults, SyncResultsOptions } from './SyncResults';

/** Snapshots that one replica takes at the same time. */
const AT_ONCE = 4;

/** A lease outlives what reading, screening and storing can take together. */
const LEASE_MARGIN_MS = 60_000;

/**
 * Compares what servers offer with what was approved, from time to time, when
 * they say that they changed, and when somebody asks. Whatever goes wrong, the
 * last good snapshot stays. The server's health says why, unless it is the
 * portal that could not do it.
 */
export class Synchronisation {
  readonly #servers: ServerStore;
  readonly #taker: SnapshotTaker;
  readonly #results: SyncResults;
  readonly #leases: SyncLeases;
  readonly #logger: LoggerService;
  readonly #requested = new Set<string>();
  readonly #running = new Set<Promise<unknown>>();
  #busySlots = 0;
  readonly #stop = new AbortController();

  constructor(
    options: Omit<SyncResultsOptions, 'leases'> & {
      reader: SnapshotReader;
      screen: DefinitionScreen;
      /** For reading one snapshot. */
      timeoutMs: number;
    },
  ) {
    this.#servers = options.servers;
    this.#logger = options.logger;
    this.#taker = new SnapshotTaker({ ...options, stop: this.#stop.signal });
    this.#leases = new SyncLeases({
      database: options.database,
      leaseMs: options.timeoutMs + LEASE_MARGIN_MS,
    });
    this.#results = new SyncResults({ ...options, leases: this.#leases });
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
   * @throws PortalUnavailableError when the portal itself cannot do it now
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
   * @throws PortalUnavailableError when the portal itself cannot do it now
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
        await this.#track(this.#synchroniseDue(lease));
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

  /** One that is due. What the portal itself cannot do now is tried again soon. */
  async #synchroniseDue(lease: SyncLease): Promise<void> {
    try {
      await this.#synchronise(lease);
    } catch (error) {
      if (!(error instanceof PortalUnavailableError)) {
        throw error;
      }
      this.#logger.warn(
        `Could not look at the MCP server ${lease.entityRef}, for a reason of the portal: ${error}`,
      );
    }
  }

  /**
   * @param user - who asked for it; undefined when it was due
   * @throws PortalUnavailableError when the portal itself cannot do it now
   */
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
      return await this.#results.store(lease, server, taken, user);
    } catch (error) {
      if (this.#stop.signal.aborted) {
        await this.#leases.release(lease);
      } else if (error instanceof PortalUnavailableError) {
        await this.#results.putOff(lease);
        throw error;
      } else {
        await this.#results.storeFailure(lease, server, error);
      }
      return undefined;
    }
  }
}
