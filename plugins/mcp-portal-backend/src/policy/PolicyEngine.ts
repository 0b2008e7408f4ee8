import type {
  LoggerService,
  RootConfigService,
} from '@backstage/backend-plugin-api';
import { CurrentPolicies } from '@prompt-corner/cedar-policies';
import {
  ArgumentRecorder,
  readArguments,
  type ArgumentValue,
} from './arguments';
import { attributesOf, type PolicyAttributes } from './attributes';
import { readPolicyConfig, type PolicyConfig } from './config';
import type { PolicyAnswer } from './PolicyAnswer';
import type { PolicyQuestion } from './PolicyQuestion';
import { portalPolicies, type AskedCall } from './portalPolicies';

/** In lists, no arguments are known. */
export const NO_ARGUMENTS: ReadonlyMap<string, ArgumentValue> = new Map();

/** Decides calls by the policies of the configuration. */
export class PolicyEngine extends CurrentPolicies<AskedCall, PolicyConfig> {
  readonly #logger: LoggerService;
  #recorder: ArgumentRecorder;

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
    super({
      ...options,
      readConfig: readPolicyConfig,
      language: portalPolicies,
    });
    this.#logger = options.logger;
    const recorder = () =>
      new ArgumentRecorder({
        paths: this.settings.recordedArguments,
        digestKey: options.digestKey,
      });
    this.#recorder = recorder();
    this.onChange(() => {
      this.#recorder = recorder();
    });
  }

  /** May a caller do this? Never throws: what cannot be decided is denied. */
  decide(question: PolicyQuestion): PolicyAnswer {
    const { version } = this.current;
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
    const { values } = read;
    const decision = this.current.decide({ attributes, values });
    this.#tell(decision.errors, attributes);
    return {
      ...decision,
      attributes: { ...attributes, ...this.#recorder.record(values) },
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
    const attributes = attributesOf(question, question.now ?? new Date());
    const decision = this.current.decideBound(
      { attributes, values: NO_ARGUMENTS },
      'best',
    );
    this.#tell(decision.errors, attributes);
    return { ...decision, attributes, version: this.current.version };
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
