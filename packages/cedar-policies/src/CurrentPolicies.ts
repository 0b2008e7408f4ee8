import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import {
  checkPolicies,
  CompiledPolicies,
  type CheckedPolicies,
} from './compile';
import type { PolicyLanguage } from './PolicyLanguage';
import { LocalTime } from './requests';
import {
  DEFAULT_POLICIES,
  describeProblem,
  readSources,
  type PolicyConfig,
  type PolicyProblem,
  type PolicySource,
} from './sources';

/** How often files are read again. */
const POLL_MS = 5_000;

/** How a set of policies stands. */
export interface PolicyStatus {
  /** `sha256:` and hex, over the set that decides now. */
  version: string;
  /** ISO 8601: since when this process decides by it. */
  loadedAt: string;
  /** How many there are. */
  policies: number;
  /** Names of the sources. */
  sources: string[];
  /** What authors should look at. */
  warnings: PolicyProblem[];
  /** Why what the sources have now is not used; the set before it still decides. */
  problem?: { message: string; /** ISO 8601. */ since: string };
}

/** Where it is told what changed, and what cannot be used; a Backstage logger is one. */
export interface PolicyLog {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

interface Loaded<Question, Settings extends PolicyConfig> {
  config: Settings;
  sources: PolicySource[];
  compiled: CompiledPolicies<Question>;
  warnings: PolicyProblem[];
  loadedAt: string;
}

/**
 * The policies of a configuration. Each replica reads them by itself, and again
 * when they change; a change that is not valid leaves those of before in force.
 */
export class CurrentPolicies<
  Question,
  Settings extends PolicyConfig = PolicyConfig,
> {
  readonly #config: Config;
  readonly #readConfig: (config: Config) => Settings;
  readonly #language: PolicyLanguage<Question>;
  readonly #logger: PolicyLog;
  readonly #pollMs: number;
  readonly #listeners = new Set<() => void>();
  #loaded: Loaded<Question, Settings>;
  #problem: PolicyStatus['problem'];
  #timer: NodeJS.Timeout | undefined;
  #subscription: { unsubscribe(): void } | undefined;

  /**
   * Loads the policies.
   *
   * @param options.config - of the whole backend
   * @param options.readConfig - the section with policies, and whatever else has to change together with them
   * @param options.pollMs - how often files are read again. Default: 5 seconds
   * @throws InputError naming file, line and policy, when they are not valid
   */
  constructor(options: {
    config: Config;
    readConfig(config: Config): Settings;
    language: PolicyLanguage<Question>;
    logger: PolicyLog;
    pollMs?: number;
  }) {
    this.#config = options.config;
    this.#readConfig = options.readConfig;
    this.#language = options.language;
    this.#logger = options.logger;
    this.#pollMs = options.pollMs ?? POLL_MS;
    this.#loaded = this.#load(...this.#read());
  }

  /** Begins to look for changes. */
  start(): void {
    this.#timer ??= setInterval(() => this.reload(), this.#pollMs);
    this.#timer.unref();
    this.#subscription ??= this.#config.subscribe?.(() => this.reload());
  }

  /** Looks for changes no longer. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#subscription?.unsubscribe();
    this.#subscription = undefined;
  }

  /** The policies that decide now. */
  get current(): CompiledPolicies<Question> {
    return this.#loaded.compiled;
  }

  /** Texts of the policies that decide now. */
  get sources(): PolicySource[] {
    return this.#loaded.sources;
  }

  /** The configuration that holds now. */
  get settings(): Settings {
    return this.#loaded.config;
  }

  /** How the set of policies stands in this process. */
  status(): PolicyStatus {
    const { compiled, loadedAt, sources, warnings } = this.#loaded;
    return {
      version: compiled.version,
      loadedAt,
      policies: compiled.policies.length,
      sources: sources.map(({ name }) => name),
      warnings,
      ...(this.#problem ? { problem: this.#problem } : {}),
    };
  }

  /**
   * Policies to try, instead of those of the configuration; those that come with
   * the plugin stay, where they are used. Whoever asks has to release them.
   *
   * @throws InputError naming line and policy, when they are not valid
   */
  compileDraft(text: string): CompiledPolicies<Question> {
    const { timeZone } = this.#loaded.config;
    return this.#compile(this.#draftSources(text), timeZone).compiled;
  }

  /** Checks policies without using them, together with those that come with the plugin, where these are used. */
  checkDraft(text: string): CheckedPolicies {
    return checkPolicies(this.#draftSources(text), this.#language);
  }

  /**
   * Calls back whenever other policies decide.
   *
   * @returns what ends it
   */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes what the sources have now, if it is another set and valid. */
  reload(): void {
    try {
      const [config, sources] = this.#read();
      const loaded = this.#loaded;
      if (isSame([config, sources], [loaded.config, loaded.sources])) {
        this.#problem = undefined;
        return;
      }
      this.#loaded = this.#load(config, sources);
      loaded.compiled.release();
    } catch (error) {
      this.#keep(error as Error);
      return;
    }
    this.#problem = undefined;
    this.#logger.info(
      `Decides by ${this.#loaded.compiled.policies.length} policies of ${
        this.#loaded.config.key
      } now, ${this.#loaded.compiled.version}`,
    );
    for (const listener of this.#listeners) {
      listener();
    }
  }

  #draftSources(text: string): PolicySource[] {
    return [
      ...this.sources.filter(({ name }) => name === DEFAULT_POLICIES),
      { name: 'draft', text },
    ];
  }

  #read(): [Settings, PolicySource[]] {
    const config = this.#readConfig(this.#config);
    const defaultPolicies = () => this.#language.defaultPolicies();
    return [config, readSources(config, defaultPolicies)];
  }

  #load(config: Settings, sources: PolicySource[]): Loaded<Question, Settings> {
    const { compiled, warnings } = this.#compile(sources, config.timeZone);
    warnings.forEach(warning => this.#logger.warn(describeProblem(warning)));
    const loadedAt = new Date().toISOString();
    return { config, sources, compiled, warnings, loadedAt };
  }

  /** @throws InputError naming source, line and policy, when they are not valid */
  #compile(
    sources: PolicySource[],
    timeZone: string,
  ): { compiled: CompiledPolicies<Question>; warnings: PolicyProblem[] } {
    const language = this.#language;
    const { policies, problems, warnings } = checkPolicies(sources, language);
    if (problems.length > 0) {
      throw new InputError(
        `The policies are not valid.\n${problems
          .map(describeProblem)
          .join('\n')}`,
      );
    }
    const localTime = new LocalTime(timeZone);
    const compiled = new CompiledPolicies(policies, { language, localTime });
    return { compiled, warnings };
  }

  #keep({ message }: Error): void {
    if (this.#problem?.message === message) {
      return;
    }
    this.#problem = { message, since: new Date().toISOString() };
    this.#logger.error(
      `Changed policies are not used, those of ${
        this.#loaded.loadedAt
      } still decide: ${message}`,
    );
  }
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
