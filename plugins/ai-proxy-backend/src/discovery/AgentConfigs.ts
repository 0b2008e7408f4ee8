import type { LoggerService } from '@backstage/backend-plugin-api';
import { ServiceUnavailableError } from '@backstage/errors';
import {
  AgentConfig,
  compileAgentConfig,
  formatProblem,
  Problem,
} from '@prompt-corner/agent-config';
import type { AgentConfigSource } from './AgentConfigSource';
import type { DocumentStore } from './DocumentStore';

/** How the configuration of coding tools is doing. */
export interface DiscoveryStatus {
  /** Directory or URL; absent when none is configured. */
  source?: string;
  /** Version of the source that is served; absent when none was ever good. */
  version?: string;
  /** ISO 8601: when that was compiled. */
  compiledAt?: string;
  /** ISO 8601: when the source was last looked at. */
  checkedAt?: string;
  /** Whether an older version is served, as what the source has now cannot be. */
  stale: boolean;
  /** What is wrong with what the source has now. */
  problems: Problem[];
}

/** What is served without a source. */
const EMPTY: AgentConfig = {
  formatVersion: 1,
  organisation: { config: {}, instructions: [], clientModels: {} },
  teams: {},
};

const UNREADABLE = 'It cannot be read';

/** In one line of the log; the status has all. */
const LOGGED_PROBLEMS = 20;

/**
 * The configuration in memory. What the source has replaces it only when all of
 * it is good; until then the last good one stays.
 */
export class AgentConfigs {
  readonly #source: AgentConfigSource | undefined;
  readonly #store: DocumentStore;
  readonly #logger: LoggerService;
  #current = EMPTY;
  #served: { version?: string; compiledAt?: string } = {};
  /** Of the source, good or not. */
  #readVersion: string | undefined;
  #checkedAt: string | undefined;
  #problems: Problem[] = [];
  #refreshing: Promise<void> | undefined;

  constructor(options: {
    source: AgentConfigSource | undefined;
    store: DocumentStore;
    logger: LoggerService;
  }) {
    this.#source = options.source;
    this.#store = options.store;
    this.#logger = options.logger;
  }

  /** The configuration that counts; the same object until it changes. */
  get current(): AgentConfig {
    return this.#current;
  }

  /**
   * Whether what the source has was ever known. Until then the current one is
   * without the permissions that the organisation may have there.
   */
  get isKnown(): boolean {
    return !this.#source || this.#served.version !== undefined;
  }

  /**
   * The configuration that counts, for who would keep what is not known yet.
   *
   * @throws ServiceUnavailableError while it is not known
   */
  get known(): AgentConfig {
    if (!this.isKnown) {
      throw new ServiceUnavailableError(
        'The configuration of coding tools could not be read yet; try again in a minute',
      );
    }
    return this.#current;
  }

  /** How it is doing. */
  status(): DiscoveryStatus {
    return {
      source: this.#source?.description,
      ...this.#served,
      checkedAt: this.#checkedAt,
      stale: this.#problems.length > 0,
      problems: this.#problems,
    };
  }

  /** Takes the last good configuration from the database. Never fails. */
  async load(): Promise<void> {
    if (!this.#source) {
      return;
    }
    try {
      const stored = await this.#store.load(this.#source.description);
      if (stored && this.#served.version === undefined) {
        this.#current = stored.config;
        this.#served = stored.version
          ? { version: stored.version, compiledAt: stored.compiledAt }
          : {};
      }
    } catch (error) {
      this.#logger.warn(
        `Could not load the last good configuration of coding tools: ${error}`,
      );
    }
  }

  /** Looks at the source. Never fails: what is wrong is in the status and in the log. */
  async refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    await this.#refreshing;
  }

  async #refresh(): Promise<void> {
    if (!this.#source) {
      return;
    }
    try {
      const reading = await this.#source.read(this.#readVersion);
      this.#checkedAt = new Date().toISOString();
      if (reading.kind === 'unchanged') {
        this.#reachable();
        return;
      }
      const compiled = compileAgentConfig(reading.sources);
      this.#readVersion = reading.version;
      if (compiled.ok && reading.sources.files.length === 0) {
        // More likely a folder that is not mounted than a wish to have nothing.
        this.#report([{ file: '', line: 1, message: 'It has no files' }]);
        return;
      }
      if (compiled.ok) {
        this.#problems = [];
        await this.#serve(compiled.config, reading.version);
      } else {
        this.#report(compiled.problems);
      }
    } catch (error) {
      this.#checkedAt = new Date().toISOString();
      this.#report([
        ...this.#problems.filter(
          ({ message }) => !message.startsWith(UNREADABLE),
        ),
        { file: '', line: 1, message: `${UNREADABLE}: ${error}` },
      ]);
    }
  }

  /** A source that could not be read for a while has what it had. */
  #reachable(): void {
    this.#problems = this.#problems.filter(
      ({ message }) => !message.startsWith(UNREADABLE),
    );
  }

  async #serve(config: AgentConfig, version: string): Promise<void> {
    const source = this.#source!.description;
    const compiledAt = new Date().toISOString();
    if (version !== this.#served.version) {
      this.#logger.info(
        `Coding tools get the configuration of ${source}, version ${version}`,
      );
    }
    this.#current = config;
    this.#served = { version, compiledAt };
    try {
      await this.#store.save(source, { version, config, compiledAt });
    } catch (error) {
      this.#logger.warn(
        `Could not store the configuration of coding tools, which a restart would need if the source were broken then: ${error}`,
      );
    }
  }

  #report(problems: Problem[]): void {
    const lines = problems.map(formatProblem);
    const before = this.#problems.map(formatProblem);
    this.#problems = problems;
    if (lines.join('\n') === before.join('\n')) {
      return;
    }
    const more = lines.length - LOGGED_PROBLEMS;
    this.#logger.error(
      [
        `The configuration of coding tools in ${
          this.#source!.description
        } cannot be used; ${
          this.#served.version
            ? `version ${this.#served.version} stays`
            : 'they get none of it'
        }:`,
        ...lines.slice(0, LOGGED_PROBLEMS),
        ...(more > 0 ? [`and ${more} more, which the status has`] : []),
      ].join('\n'),
    );
  }
}
