import type {
  LoggerService,
  RootConfigService,
} from '@backstage/backend-plugin-api';
import {
  callerAttributes,
  CurrentPolicies,
  nameKeyOf,
  type Decision,
} from '@prompt-corner/cedar-policies';
import type { ModelDecision } from '@prompt-corner/plugin-ai-proxy-common';
import { LRUCache } from 'lru-cache';
import { readModelPolicyConfig } from './config';
import { beyondGrant } from './grantedModels';
import { modelPolicies } from './modelPolicies';
import type { ModelCaller, ModelQuestion, PolicyModel } from './ModelQuestion';
import {
  modelEntities,
  type AskedModel,
  type AskedUse,
} from './toCedarRequest';

const MINUTE_MS = 60_000;

/** Kept for all callers together. */
const MAX_LISTED = 300_000;

/** Of an error in the log, which can have what a client sent in it. */
const MAX_TOLD_LENGTH = 500;

/** Whether models are listed, by what policies can read of them. */
type Listed = Map<string, boolean>;

/** Decides who may use which models, by the policies of the configuration. */
export class ModelPolicy extends CurrentPolicies<AskedModel> {
  readonly #logger: LoggerService;
  /** By what policies can read of a caller. */
  readonly #listed = new LRUCache<string, Listed>({
    maxSize: MAX_LISTED,
    sizeCalculation: listed => listed.size + 1,
  });
  /** What policies can read of a model. */
  #modelKeys = new WeakMap<PolicyModel, string>();
  /** What was told of lately. */
  readonly #told = new LRUCache<string, true>({ max: 100, ttl: MINUTE_MS });

  /**
   * Loads the policies.
   *
   * @param options.pollMs - how often files are read again. Default: 5 seconds
   * @throws InputError naming file, line and policy, when they are not valid
   */
  constructor(options: {
    config: RootConfigService;
    logger: LoggerService;
    pollMs?: number;
  }) {
    super({
      ...options,
      readConfig: readModelPolicyConfig,
      language: modelPolicies,
    });
    this.#logger = options.logger;
    this.onChange(() => {
      // The time zone may be another one, which the version does not tell.
      this.#listed.clear();
      this.#modelKeys = new WeakMap();
    });
  }

  /** May a caller do this? Waits for nothing, and never throws: what cannot be decided is denied. */
  decide(question: ModelQuestion): ModelDecision {
    const { current } = this;
    const { now = new Date(), caller, ...use } = question;
    const decision = current.decide(askedOf(caller, use, now));
    this.#tell(decision, use);
    return {
      ...decision,
      effect: decision.effect === 'permit' ? 'permit' : 'deny',
      version: current.version,
    };
  }

  /**
   * Which models a caller gets to see: those of which some request could be
   * permitted now. Fast for many models; those that policies cannot tell apart are
   * decided once, and the answers are kept until the policies or the caller change.
   *
   * @param now - default: the present
   */
  mayUse(
    caller: ModelCaller,
    now: Date = new Date(),
  ): (model: PolicyModel) => boolean {
    const { current } = this;
    const callerKey = this.#callerKeyOf(caller, now);
    const listed: Listed = this.#listed.get(callerKey) ?? new Map();
    return model => {
      const use: AskedUse = { action: 'use_model', model };
      // Not part of the key, as it depends on the name of each model.
      if (beyondGrant(caller, use) !== undefined) {
        return false;
      }
      const key = this.#modelKeyOf(model);
      let isListed = listed.get(key);
      if (isListed === undefined) {
        const decision = current.decideBound(askedOf(caller, use, now), 'best');
        this.#tell(decision, use);
        isListed = decision.effect === 'permit';
        listed.set(key, isListed);
        this.#listed.set(callerKey, listed);
      }
      return isListed;
    };
  }

  #callerKeyOf(caller: ModelCaller, now: Date): string {
    const { reads, version } = this.current;
    return JSON.stringify([
      version,
      caller.kind,
      caller.uuid,
      caller.entityRef,
      caller.teams,
      caller.client.id,
      caller.client.name,
      [...caller.scopes],
      caller.claims,
      caller.network,
      reads.time ? Math.floor(now.getTime() / MINUTE_MS) : 'any time',
    ]);
  }

  #modelKeyOf(model: PolicyModel): string {
    let key = this.#modelKeys.get(model);
    if (key === undefined) {
      const { reads } = this.current;
      const [{ uid, attrs, parents }, provider] = modelEntities(model, reads);
      const { id, ...others } = attrs;
      const entity = `${uid.type}::${uid.id}`;
      const name = nameKeyOf(model.id, { reads, entity });
      key = JSON.stringify([name, others, parents, provider]);
      this.#modelKeys.set(model, key);
    }
    return key;
  }

  #tell({ errors = [] }: Decision, { action }: AskedUse): void {
    for (const error of errors) {
      if (!this.#told.has(error)) {
        this.#told.set(error, true);
        this.#logger.warn(
          `Policies could not be evaluated for ${action}: ${error.slice(
            0,
            MAX_TOLD_LENGTH,
          )}`,
        );
      }
    }
  }
}

/** A question as policies are asked. */
export function askedOf(
  caller: ModelCaller,
  use: AskedUse,
  now: Date,
): AskedModel {
  return {
    caller: { ...callerAttributes(caller, now), at: now.toISOString() },
    use,
    beyondGrant: beyondGrant(caller, use),
  };
}
