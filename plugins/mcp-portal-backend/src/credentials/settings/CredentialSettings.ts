import type { LoggerService } from '@backstage/backend-plugin-api';
import { ConflictError, ServiceUnavailableError } from '@backstage/errors';
import type { UpstreamServer } from '../UpstreamServer';
import type {
  CredentialSettingsStore,
  StoredSettings,
} from './CredentialSettingsStore';
import type { ServerCredentialSettings } from './ServerCredentialSettings';

/** Settings that hold for a server now. */
export interface CurrentSettings {
  settings: ServerCredentialSettings;
  /** Another one with each change. */
  revision: string;
  /** Who has set them; `default` when nobody has, `unreadable` when their key is gone. */
  source: 'config' | 'administrator' | 'default' | 'unreadable';
  /** ISO 8601; of an administrator's. */
  updatedAt?: string;
  /** UUID of the administrator. */
  updatedBy?: string;
}

/** How soon replicas notice a change. */
const POLL_MS = 2_000;

/** Without the database the last settings hold for so long. */
const STALE_MS = 60_000;

/**
 * The settings of all servers, in memory: the configuration, and for servers
 * that it says nothing about, what administrators have set.
 */
export class CredentialSettings {
  readonly #configured: ReadonlyMap<string, ServerCredentialSettings>;
  readonly #store: CredentialSettingsStore;
  readonly #logger: LoggerService;
  #stored = new Map<string, StoredSettings>();
  #loadedAt = 0;
  #timer?: NodeJS.Timeout;

  /** @param options.configured - by name of the server */
  constructor(options: {
    configured: ReadonlyMap<string, ServerCredentialSettings>;
    store: CredentialSettingsStore;
    logger: LoggerService;
  }) {
    this.#configured = options.configured;
    this.#store = options.store;
    this.#logger = options.logger;
  }

  /** Loads the settings, and again from time to time. */
  async start(): Promise<void> {
    await this.load();
    this.#timer = setInterval(() => {
      this.load().catch(error =>
        this.#logger.warn(
          `The settings of server credentials cannot be read: ${error}`,
        ),
      );
    }, POLL_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Reads the database now. */
  async load(): Promise<void> {
    const startedAt = Date.now();
    const stored = await this.#store.list();
    // Of two reads at once the later one holds.
    if (startedAt >= this.#loadedAt) {
      this.#stored = new Map(stored.map(entry => [entry.server, entry]));
      this.#loadedAt = startedAt;
    }
  }

  /**
   * What holds for a server.
   *
   * @throws ServiceUnavailableError when the database has not answered for a minute
   */
  of(server: Pick<UpstreamServer, 'entityRef' | 'name'>): CurrentSettings {
    const configured = this.#configured.get(server.name);
    if (configured) {
      return { settings: configured, revision: 'config', source: 'config' };
    }
    if (Date.now() - this.#loadedAt > STALE_MS) {
      throw new ServiceUnavailableError(
        'How to sign in at servers cannot be read from the database now. Try again shortly',
      );
    }
    const stored = this.#stored.get(server.entityRef);
    if (!stored) {
      return {
        settings: { mode: 'none' },
        revision: 'none',
        source: 'default',
      };
    }
    return {
      settings: stored.settings ?? { mode: 'none' },
      revision: stored.revision,
      source: stored.settings ? 'administrator' : 'unreadable',
      updatedAt: stored.updatedAt.toISOString(),
      updatedBy: stored.updatedBy,
    };
  }

  /**
   * Replaces what holds for a server, secrets included.
   *
   * @param updatedBy - UUID of the administrator
   * @throws ConflictError when the configuration sets it
   */
  async set(
    server: Pick<UpstreamServer, 'entityRef' | 'name'>,
    settings: ServerCredentialSettings,
    updatedBy: string,
  ): Promise<void> {
    this.#assertNotConfigured(server.name);
    await this.#store.set(server.entityRef, settings, updatedBy);
    await this.load();
  }

  /** @throws ConflictError when the configuration sets it */
  async delete(
    server: Pick<UpstreamServer, 'entityRef' | 'name'>,
  ): Promise<void> {
    this.#assertNotConfigured(server.name);
    await this.#store.delete(server.entityRef);
    await this.load();
  }

  #assertNotConfigured(name: string): void {
    if (this.#configured.has(name)) {
      throw new ConflictError(
        `mcpPortal.servers.${name}.credentials is set in the configuration; change it there`,
      );
    }
  }
}
