import type {
  LoggerService,
  RootConfigService,
} from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import { ArgumentRecorder, readArguments } from './arguments';
import { attributesOf, type PolicyAttributes } from './attributes';
import {
  checkPolicies,
  CompiledPolicies,
  DEFAULT_POLICIES,
  describeProblem,
  type PolicyProblem,
  type PolicySource,
} from './compile';
import { readPolicyConfig, type PolicyConfig } from './config';
import { LocalTime } from './LocalTime';
import type { PolicyAnswer } from './PolicyAnswer';
import type { PolicyQuestion } from './PolicyQuestion';
import { readSources } from './readSources';

/** How often files are read again. */
const POLL_MS = 5_000;

/** How the set of policies stands. */
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

interface Loaded {
  config: PolicyConfig;
  sources: PolicySource[];
  compiled: CompiledPolicies;
  warnings: PolicyProblem[];
  recorder: ArgumentRecorder;
  loadedAt: string;
}

/**
 * Decides calls by the policies of the configuration. Each replica reads them by
 * itself, and again when they change; a change that is not valid leaves those of
 * before in force.
 */
export class PolicyEngine {
  readonly #config: RootConfigService;
  readonly #logger: LoggerService;
  readonly #digestKey: Buffer;
  readonly #pollMs: number;
  readonly #listeners = new Set<() => void>();
  #loaded: Loaded;
  #problem: PolicyStatus['problem'];
  #timer: NodeJS.Timeout | undefined;
  #subscription: { unsubscribe(): void } | undefined;

  /**
   * Loads the policies.
   *
   * @param options.digestKey - for digests of arguments in records: the same on all replicas
   * @param options.pollMs - how often files are read again. Default: 5 seconds
   * @throws InputError naming file, line and policy, when they are not valid
   */
  constructor(options: {
    config: RootConfigService;
    logger: LoggerService;
    digestKey: Buffer;
    pollMs?: number;
  }) {
    this.#config = options.config;
    this.#logger = options.logger;
    this.#digestKey = options.digestKey;
    this.#pollMs = options.pollMs ?? POLL_MS;
    const config = readPolicyConfig(options.config);
    this.#loaded = this.#load(config, readSources(config));
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
  get current(): CompiledPolicies {
    return this.#loaded.compiled;
  }

  /** Texts of the policies that decide now. */
  get sources(): PolicySource[] {
    return this.#loaded.sources;
  }

  /** May a caller do this? Never throws: what cannot be decided is denied. */
  decide(question: PolicyQuestion): PolicyAnswer {
    const { compiled, recorder } = this.#loaded;
    const { version } = compiled;
    const attributes = attributesOf(question, question.now ?? new Date());
    const read = readArguments(question.arguments);
    if ('refusal' in read) {
      return {
        effect: 'deny',
        policies: [],
        reason: read.refusal,
        attributes,
        version,
      };
    }
    const decision = compiled.decide(attributes, read.values);
    this.#tell(decision.errors, attributes);
    return {
      ...decision,
      attributes: { ...attributes, ...recorder.record(read.values) },
      version,
    };
  }

  /**
   * The best that a caller could get now, whatever the arguments: `deny` when no
   * call can be permitted or held, so that what is asked about need not be listed.
   *
   * @param question - whose arguments, if any, do not count
   */
  decideListing(question: PolicyQuestion): PolicyAnswer {
    const { compiled } = this.#loaded;
    const attributes = attributesOf(question, question.now ?? new Date());
    const decision = compiled.decideWithoutArguments(attributes, 'best');
    this.#tell(decision.errors, attributes);
    return { ...decision, attributes, version: compiled.version };
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
   * the portal stay, where they are used. Whoever asks has to release them.
   *
   * @throws InputError naming line and policy, when they are not valid
   */
  compileDraft(text: string): CompiledPolicies {
    const { config } = this.#loaded;
    return compile(this.draftSources(text), config.timeZone).compiled;
  }

  /** What a draft would be a set with. */
  draftSources(text: string): PolicySource[] {
    return [
      ...this.#loaded.sources.filter(({ name }) => name === DEFAULT_POLICIES),
      { name: 'draft', text },
    ];
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
      const config = readPolicyConfig(this.#config);
      const sources = readSources(config);
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
      `Decides by ${this.#loaded.compiled.policies.length} policies now, ${
        this.#loaded.compiled.version
      }`,
    );
    for (const listener of this.#listeners) {
      listener();
    }
  }

  #load(config: PolicyConfig, sources: PolicySource[]): Loaded {
    const { compiled, warnings } = compile(sources, config.timeZone);
    warnings.forEach(warning => this.#logger.warn(describeProblem(warning)));
    return {
      config,
      sources,
      compiled,
      warnings,
      recorder: new ArgumentRecorder({
        paths: config.recordedArguments,
        digestKey: this.#digestKey,
      }),
      loadedAt: new Date().toISOString(),
    };
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

  #tell(errors: string[] | undefined, attributes: PolicyAttributes): void {
    if (errors) {
      const { action, portal, server } = attributes;
      this.#logger.warn(
        `Policies could not be evaluated for ${action} of ${
          server.name
        } in ${portal}: ${errors.join('; ')}`,
      );
    }
  }
}

/** @throws InputError naming source, line and policy, when they are not valid */
function compile(
  sources: PolicySource[],
  timeZone: string,
): { compiled: CompiledPolicies; warnings: PolicyProblem[] } {
  const { policies, problems, warnings } = checkPolicies(sources);
  if (problems.length > 0) {
    throw new InputError(
      `The policies are not valid.\n${problems
        .map(describeProblem)
        .join('\n')}`,
    );
  }
  const localTime = new LocalTime(timeZone);
  return { compiled: new CompiledPolicies(policies, { localTime }), warnings };
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
