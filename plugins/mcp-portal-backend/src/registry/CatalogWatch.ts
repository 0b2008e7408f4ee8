import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';
import type { CatalogServer, CatalogServers } from './catalog';
import type { ConfiguredServer } from './config';
import { reconcile } from './reconcile';
import type { RegistryVersion } from './RegistryVersion';
import { freeName, wishedName } from './serverNames';
import type { ServerRecord } from './ServerRecord';
import type { ServerStore } from './ServerStore';

/** Brings what the catalog and the configuration say into the registry. */
export class CatalogWatch {
  readonly #database: Knex;
  readonly #servers: ServerStore;
  readonly #catalog: Pick<CatalogServers, 'read'>;
  readonly #version: RegistryVersion;
  readonly #logger: LoggerService;
  readonly #configuredByRef: Map<string, ConfiguredServer>;
  readonly #refByReservedName: Map<string, string>;

  constructor(options: {
    database: Knex;
    servers: ServerStore;
    catalog: Pick<CatalogServers, 'read'>;
    version: RegistryVersion;
    logger: LoggerService;
    configured: ConfiguredServer[];
  }) {
    this.#database = options.database;
    this.#servers = options.servers;
    this.#catalog = options.catalog;
    this.#version = options.version;
    this.#logger = options.logger;
    const withRef = options.configured.flatMap(server =>
      server.entityRef ? [[server.entityRef, server] as const] : [],
    );
    this.#configuredByRef = new Map(withRef);
    this.#refByReservedName = new Map(
      withRef.map(([ref, { name }]) => [name.toLowerCase(), ref]),
    );
  }

  /**
   * Reads the catalog, and suspends, lifts and approves what has to be. Any
   * number of replicas may do it at the same time.
   *
   * @throws ServiceUnavailableError when the catalog does not answer; then nothing changes
   */
  async refresh(): Promise<void> {
    const found = new Map(
      (await this.#catalog.read()).map(server => [server.entityRef, server]),
    );
    await this.#addNew(found);
    let changed = false;
    for (const server of await this.#servers.list()) {
      const current = found.get(server.entityRef);
      if (this.#reconcile(server, current) || isForgettable(server, current)) {
        changed = (await this.#change(server.entityRef, current)) || changed;
      }
    }
    if (changed) {
      await this.#version.announce();
    }
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
  async #change(
    entityRef: string,
    found: CatalogServer | undefined,
  ): Promise<boolean> {
    return this.#database.transaction(async trx => {
      const server = await this.#servers.find(entityRef, trx);
      if (!server) {
        return false;
      }
      if (isForgettable(server, found)) {
        await this.#servers.delete(entityRef, trx);
        return true;
      }
      const change = this.#reconcile(server, found);
      if (!change) {
        return false;
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
      return true;
    });
  }

  #reconcile(server: ServerRecord, found: CatalogServer | undefined) {
    const configured = this.#configuredByRef.get(server.entityRef);
    // Credentials and policies are by name: an approval is, too.
    return reconcile(
      server,
      found,
      configured?.name === server.name ? configured : undefined,
    );
  }
}

/** A draft that left: nobody ever asked for it, so nothing is lost. */
function isForgettable(
  server: ServerRecord,
  found: CatalogServer | undefined,
): boolean {
  return server.status === 'draft' && !found && !server.proposedBy;
}
