import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';
import type { DecisionRecords } from '../audit';
import type { CatalogServer, CatalogServers } from './catalog';
import type { ConfiguredServer } from './config';
import { massAbsence } from './massAbsence';
import { AutomaticChange, reconcile, SeenServer } from './reconcile';
import type { RegistryVersion } from './RegistryVersion';
import { serverDecision } from './serverDecision';
import { freeName, wishedName } from './serverNames';
import type { ServerRecord } from './ServerRecord';
import type { ServerStore } from './ServerStore';

/** Enough to know which, and no page of them every minute. */
const NAMES_IN_LOG = 20;

/** Brings what the catalog and the configuration say into the registry. */
export class CatalogWatch {
  readonly #database: Knex;
  readonly #servers: ServerStore;
  readonly #catalog: Pick<CatalogServers, 'read'>;
  readonly #version: RegistryVersion;
  readonly #decisions: DecisionRecords;
  readonly #logger: LoggerService;
  readonly #configuredByRef: Map<string, ConfiguredServer>;
  readonly #refByReservedName: Map<string, string>;
  readonly #absenceGraceMs: number;
  readonly #now: () => number;

  constructor(options: {
    database: Knex;
    servers: ServerStore;
    catalog: Pick<CatalogServers, 'read'>;
    version: RegistryVersion;
    decisions: DecisionRecords;
    logger: LoggerService;
    configured: ConfiguredServer[];
    /** How long many servers have to be missing before it is believed. */
    absenceGraceMs: number;
    /** Milliseconds since 1970. */
    now?: () => number;
  }) {
    this.#database = options.database;
    this.#servers = options.servers;
    this.#catalog = options.catalog;
    this.#version = options.version;
    this.#decisions = options.decisions;
    this.#logger = options.logger;
    this.#absenceGraceMs = options.absenceGraceMs;
    this.#now = options.now ?? Date.now;
    const withRef = options.configured.flatMap(server =>
      server.entityRef ? [[server.entityRef, server] as const] : [],
    );
    this.#configuredByRef = new Map(withRef);
    this.#refByReservedName = new Map(
      withRef.map(([ref, { name }]) => [name.toLowerCase(), ref]),
    );
  }

  /**
   * Reads the catalog, and suspends, lifts and approves what has to be. When
   * many servers are missing in it at once, they stay served for the grace
   * time: see {@link massAbsence}. Any number of replicas may do it at the same
   * time.
   *
   * @throws ServiceUnavailableError when the catalog does not answer, or the audit trail takes no
   *   record; what has not changed then does the next time
   */
  async refresh(): Promise<void> {
    const found = new Map(
      (await this.#catalog.read()).map(server => [server.entityRef, server]),
    );
    await this.#addNew(found);
    const servers = await this.#servers.list();
    const now = this.#now();
    const held = this.#held(servers, found, now);
    let changed = false;
    const failures: unknown[] = [];
    for (const server of servers) {
      const { entityRef } = server;
      const seen = {
        found: found.get(entityRef),
        isHeld: held.has(entityRef),
        now,
      };
      if (this.#reconcile(server, seen) || isForgettable(server, seen)) {
        try {
          changed = (await this.#change(entityRef, seen)) || changed;
        } catch (error) {
          failures.push(error);
        }
      }
    }
    // What could not be recorded has changed all the same.
    if (changed || failures.length) {
      await this.#version.announce();
    }
    if (failures.length) {
      throw failures[0];
    }
  }

  #held(
    servers: ServerRecord[],
    found: Map<string, CatalogServer>,
    now: number,
  ): ReadonlySet<string> {
    const { held, expected } = massAbsence(servers, found, {
      graceMs: this.#absenceGraceMs,
      now,
    });
    if (held.size) {
      const names = servers
        .filter(({ entityRef }) => held.has(entityRef))
        .map(({ name }) => name);
      const more = names.length - NAMES_IN_LOG;
      this.#logger.error(
        `${
          held.size
        } of ${expected} approved MCP servers are missing in the catalog, which may be wrong. They stay served until they have been missing for ${
          this.#absenceGraceMs / 60_000
        } minutes. Look after the catalog; when it is right, suspend what must not be served now: ${names
          .slice(0, NAMES_IN_LOG)
          .join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
      );
    }
    return held;
  }

  async #addNew(found: Map<string, CatalogServer>): Promise<void> {
    const known = await this.#servers.list();
    const knownRefs = new Set(known.map(({ entityRef }) => entityRef));
    const names = new Set(known.map(({ name }) => name.toLowerCase()));
    // In one order, so that replicas that start together agree.
    const added = [...found.values()]
      .filter(({ entityRef }) => !knownRefs.has(entityRef))
      .sort((a, b) => (a.entityRef < b.entityRef ? -1 : 1));
    for (const catalog of added) {
      const { entityRef } = catalog;
      const configured = this.#configuredByRef.get(entityRef);
      if (configured) {
        await this.#vacate(configured.name, known, names);
      }
      const name = freeName(
        configured?.name ?? wishedName(catalog),
        entityRef,
        key =>
          names.has(key) ||
          (this.#refByReservedName.get(key) ?? entityRef) !== entityRef,
      );
      names.add(name.toLowerCase());
      await this.#servers.insert({ entityRef, name, catalog }, this.#database);
    }
  }

  /** Takes a configured name from a server that was never served under it. */
  async #vacate(
    name: string,
    known: ServerRecord[],
    names: Set<string>,
  ): Promise<void> {
    const holder = known.find(
      server => server.name.toLowerCase() === name.toLowerCase(),
    );
    if (!holder) {
      return;
    }
    if (holder.status !== 'draft' && holder.status !== 'pending') {
      this.#logger.error(
        `mcpPortal.servers.${name} names an entity, but ${holder.entityRef} has had that name since it was approved; choose another name`,
      );
      return;
    }
    const other = freeName(holder.name, holder.entityRef, key =>
      names.has(key),
    );
    await this.#servers.update(
      holder.entityRef,
      { name: other },
      this.#database,
    );
    names.delete(name.toLowerCase());
    names.add(other.toLowerCase());
  }

  /** @returns whether anything changed */
  async #change(entityRef: string, seen: SeenServer): Promise<boolean> {
    this.#decisions.assertAvailable();
    const changed = await this.#database.transaction(trx =>
      this.#store(entityRef, seen, trx),
    );
    const { transition } = changed?.change ?? {};
    if (changed && transition) {
      const { name, status } = changed.server;
      await this.#decisions.record(transition.by, [
        serverDecision(name, { ...transition, from: status }),
      ]);
    }
    return changed !== undefined;
  }

  /** @returns what the server was, and what changed of it; undefined when nothing did */
  async #store(
    entityRef: string,
    seen: SeenServer,
    trx: Knex,
  ): Promise<{ server: ServerRecord; change?: AutomaticChange } | undefined> {
    const server = await this.#servers.find(entityRef, trx);
    if (!server) {
      return undefined;
    }
    if (isForgettable(server, seen)) {
      await this.#servers.delete(entityRef, trx);
      return { server };
    }
    const change = this.#reconcile(server, seen);
    if (!change) {
      return undefined;
    }
    const { patch, transition } = change;
    await this.#servers.update(entityRef, patch, trx);
    if (transition) {
      await this.#servers.appendHistory(
        entityRef,
        { ...transition, from: server.status },
        trx,
      );
    }
    await this.#version.bump(entityRef, trx);
    return { server, change };
  }

  #reconcile(server: ServerRecord, seen: SeenServer) {
    const configured = this.#configuredByRef.get(server.entityRef);
    // Credentials and policies are by name: an approval is, too.
    return reconcile(
      server,
      seen,
      configured?.name === server.name ? configured : undefined,
    );
  }
}

/** A draft that left: nobody ever asked for it, so nothing is lost. */
function isForgettable(server: ServerRecord, { found }: SeenServer): boolean {
  return server.status === 'draft' && !found && !server.proposedBy;
}
