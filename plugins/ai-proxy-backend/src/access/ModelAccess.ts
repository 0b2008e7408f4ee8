import type { AgentPrincipal } from '@prompt-corner/plugin-agent-auth-node';
import type { CatalogueModel } from '@prompt-corner/plugin-ai-proxy-common';
import type { Attribution } from '../attribution';
import type { ModelCatalogue } from '../models';
import {
  ModelPolicy,
  PolicyModel,
  policyModelOf,
  PolicyProvider,
  ProviderUse,
  refusalOf,
} from '../policy';
import type { PriceList } from '../prices';
import type { Candidate, Provider } from '../providers';
import { retentionOf } from '../retention';
import { InferenceRequest, usesOf } from '../wire';

/** Clients can name as many models as they like. */
const MAX_MODELS = 10_000;

/** Why something is denied: a word for usage, a sentence for the caller. */
export interface AccessDenial {
  reason: string;
  message: string;
}

/** Who may use which models and providers: by the lists of the catalogue, the grant and the policies. */
export class ModelAccess {
  readonly #catalogue: ModelCatalogue;
  readonly #prices: PriceList;
  readonly #policy: ModelPolicy;
  readonly #providers: ReadonlyMap<string, Provider>;
  /** Remembered, as policies are asked about them in each request. */
  #models = new Map<string, PolicyModel>();

  constructor(options: {
    catalogue: ModelCatalogue;
    prices: PriceList;
    policy: ModelPolicy;
    providers: Provider[];
  }) {
    this.#catalogue = options.catalogue;
    this.#prices = options.prices;
    this.#policy = options.policy;
    this.#providers = new Map(
      options.providers.map(provider => [provider.name, provider]),
    );
    this.#catalogue.onChange(() => {
      this.#models = new Map();
    });
  }

  /** Why a caller may not ask this of a model; undefined when it may. */
  denyModel(options: {
    principal: AgentPrincipal;
    candidate: Candidate;
    asked: InferenceRequest;
    inputTokens: number;
    attribution: Attribution;
  }): AccessDenial | undefined {
    const { candidate, asked } = options;
    for (const use of usesOf(asked, candidate.model)) {
      const denial = this.#denyUse(use, options);
      if (denial) {
        return denial;
      }
    }
    return undefined;
  }

  #denyUse(
    asked: InferenceRequest,
    options: {
      principal: AgentPrincipal;
      candidate: Candidate;
      inputTokens: number;
      attribution: Attribution;
    },
  ): AccessDenial | undefined {
    const { principal, candidate, inputTokens, attribution } = options;
    const { provider } = candidate;
    const { model } = asked;
    if (!this.#catalogue.permits(provider.name, model)) {
      return {
        reason: 'model_not_allowed',
        message: `"${model}" is not among the models that are allowed here. The list of models says which are`,
      };
    }
    return refusalOf(
      this.#policy.decide({
        action: 'use_model',
        caller: principal,
        component: componentOf(attribution),
        model: this.policyModel(provider, model),
        request: { ...asked, inputTokens },
      }),
    );
  }

  /** Why a caller may not use something of a provider; undefined when it may. */
  denyProvider(options: {
    principal: AgentPrincipal;
    provider: Provider;
    action: ProviderUse['action'];
    attribution: Attribution;
  }): AccessDenial | undefined {
    const { principal, provider, action, attribution } = options;
    return refusalOf(
      this.#policy.decide({
        action,
        caller: principal,
        component: componentOf(attribution),
        provider: policyProvider(provider),
      }),
    );
  }

  /** Which models somebody gets to see. */
  mayUse(principal: AgentPrincipal): (model: CatalogueModel) => boolean {
    const mayUse = this.#policy.mayUse(principal);
    return ({ provider: name, id }) => {
      const provider = this.#providers.get(name);
      return provider !== undefined && mayUse(this.policyModel(provider, id));
    };
  }

  /** A model as policies read it. */
  policyModel(provider: Provider, id: string): PolicyModel {
    const key = `${provider.name}\n${id}`;
    let model = this.#models.get(key);
    if (!model) {
      const known = this.#catalogue.find(provider.name, id);
      const priced = this.#prices.find({ provider: provider.name, id }, known);
      model = policyModelOf({
        id,
        provider: policyProvider(provider),
        retention: retentionOf(provider, id),
        known,
        isPriced: Boolean(priced?.prices),
      });
      if (this.#models.size < MAX_MODELS) {
        this.#models.set(key, model);
      }
    }
    return model;
  }

  /** A provider as policies read it. */
  policyProvider(name: string): PolicyProvider | undefined {
    const provider = this.#providers.get(name);
    return provider && policyProvider(provider);
  }
}

function policyProvider(provider: Provider): PolicyProvider {
  return { name: provider.name, retention: retentionOf(provider, '') };
}

function componentOf({ component, system, domain }: Attribution) {
  return component === undefined
    ? undefined
    : { entityRef: component, system, domain };
}
