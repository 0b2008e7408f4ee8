import type { LoggerService } from '@backstage/backend-plugin-api';
import { ServiceUnavailableError } from '@backstage/errors';
import type { DefinitionStore } from '../../definitions';
import type { RegistryVersion } from '../RegistryVersion';
import type { ServerStore } from '../ServerStore';
import type { RegistrySnapshot, ServedServer } from './RegistrySnapshot';
import { toServedServer } from './toServedServer';

/** How soon a replica shows what was decided on another one. */
export const POLL_INTERVAL_MS = 2_000;

/** For how long the last state is good without the database: after that, a tool might have been withdrawn. */
export const MAX_AGE_MS = 60_000;

/**
 * What is served, in memory, so that no request waits for the database.
 *
 * It compares one counter of the database every 2 seconds, and reads again
 * only the servers that changed. Changes in this process show before the
 * method that made them returns.
 */
export class RegistryView {
  readonly #servers: ServerStore;
  readonly #definitions: DefinitionStore;
  readonly #version: RegistryVersion;
  readonly #logger: LoggerService;
  readonly #now: () => number;
  readonly #listeners = new Set<(changed: string[]) => void>();
  #snapshot: RegistrySnapshot = { version: -1, servers: new Map() };
  /** Monotonic milliseconds; undefined until the first time. */
  #readAt?: number;
  #reading?: Promise<void>;
  #next?: Promise<void>;
  #timer?: NodeJS.Timeout;
  #stopped = false;

  constructor(options: {
    servers: ServerStore;
    definitions: DefinitionStore;
    version: RegistryVersion;
    logger: LoggerService;
    /** Monotonic milliseconds. */
    now?: () => number;
  }) {
    this.#servers = options.servers;
    this.#definitions = options.definitions;
    this.#version = options.version;
    this.#logger = options.logger;
    this.#now = options.now ?? (() => performance.now());
    this.#version.onLocalChange(() =>
      this.refresh().catch(error => this.#logRefusal(error)),
    );
  }

  /** Reads everything, and keeps up to date from now on. */
  async start(): Promise<void> {
    await this.refresh();
    this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /**
   * What is served now.
   *
   * @throws ServiceUnavailableError when the database has not answered for a minute, or not yet
   */
  current(): RegistrySnapshot {
    if (this.#readAt === undefined || this.#now() - this.#readAt > MAX_AGE_MS) {
      throw new ServiceUnavailableError(
        'The registry of MCP servers cannot be read at the moment, so nothing is served; try again in a minute',
      );
    }
    return this.#snapshot;
  }

  /**
   * An approved server.
   *
   * @throws ServiceUnavailableError as {@link RegistryView.current}
   */
  find(name: string): ServedServer | undefined {
    return this.current().servers.get(name);
  }

  /** Calls a function after each change, with names of the servers whose offer or state differs. */
  onChange(listener: (changedServers: string[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads what changed; what was committed before the call is seen when it returns. */
  async refresh(): Promise<void> {
    if (!this.#reading) {
      this.#reading = this.#read().finally(() => {
        this.#reading = undefined;
      });
      return this.#reading;
    }
    // One that runs may have read before the change.
    this.#next ??= this.#reading
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        return this.refresh();
      });
    return this.#next;
  }

  async #read(): Promise<void> {
    const startedAt = this.#now();
    const version = await this.#version.current();
    // A database that was restored from a backup counts anew.
    const known =
      version < this.#snapshot.version ? -1 : this.#snapshot.version;
    if (version > known) {
      await this.#readChanged(version, known);
    }
    this.#readAt = startedAt;
  }

  async #readChanged(version: number, known: number): Promise<void> {
    const records = await this.#servers.changedSince(known);
    const servers = new Map(known < 0 ? [] : this.#snapshot.servers);
    const changed = new Set<string>(
      known < 0 ? this.#snapshot.servers.keys() : [],
    );
    for (const record of records) {
      for (const [name, { entityRef }] of servers) {
        if (entityRef === record.entityRef) {
          servers.delete(name);
          changed.add(name);
        }
      }
      if (record.status === 'approved') {
        const definitions = await this.#definitions.served(record.entityRef);
        servers.set(
          record.name,
          toServedServer(record, definitions, this.#logger),
        );
        changed.add(record.name);
      }
    }
    this.#snapshot = {
      version: Math.max(version, ...records.map(record => record.version)),
      servers: new Map([...servers].sort(([a], [b]) => (a < b ? -1 : 1))),
    };
    this.#tell([...changed]);
  }

  #tell(changed: string[]): void {
    if (!changed.length) {
      return;
    }
    for (const listener of this.#listeners) {
      try {
        listener(changed);
      } catch (error) {
        this.#logger.error(`A listener of the MCP registry failed: ${error}`);
      }
    }
  }

  #schedule(): void {
    if (this.#stopped) {
      return;
    }
    this.#timer = setTimeout(async () => {
      await this.refresh().catch(error => this.#logRefusal(error));
      this.#schedule();
    }, POLL_INTERVAL_MS).unref();
  }

  #logRefusal(error: unknown): void {
    this.#logger.warn(
      `Could not read the registry of MCP servers, its last state holds for a minute: ${error}`,
    );
  }
}
