import type { PolicyCaller } from '@prompt-corner/cedar-policies';
import type { CatalogueModel } from '@prompt-corner/plugin-ai-proxy-common';
import type { InferenceRequest } from '../wire';

/** What is done about a provider's keeping of answers, as policies name it. */
export type PolicyRetention =
  | 'opted-out'
  | 'agreement'
  | 'retained'
  | 'unknown';

/** What policies can read of a provider. */
export interface PolicyProvider {
  /** Its name in the configuration. */
  name: string;
  retention: PolicyRetention;
}

/** What policies can read of a model. */
export interface PolicyModel {
  /** As the provider names it. */
  id: string;
  provider: PolicyProvider;
  family?: string;
  openWeights: boolean;
  retention: PolicyRetention;
  /** `unknown` when the catalogue does not have it. */
  status: 'stable' | 'alpha' | 'beta' | 'deprecated' | 'unknown';
  /** How much it can read, in tokens. */
  contextTokens?: number;
  /** Whether there is a price. */
  priced: boolean;
}

/** What policies can read of the component on which a client works; all are full entity refs. */
export interface PolicyComponent {
  entityRef: string;
  system?: string;
  domain?: string;
}

/** What policies can read of a request to a model. */
export interface PolicyRequest
  extends Pick<
    InferenceRequest,
    | 'format'
    | 'effort'
    | 'reasoningTokens'
    | 'maxOutputTokens'
    | 'tools'
    | 'serverTools'
    | 'modalities'
    | 'serviceTier'
    | 'streaming'
    | 'background'
    | 'store'
  > {
  /** Estimated. */
  inputTokens: number;
}

/** Who asks, and what the grant is limited to. */
export interface ModelCaller extends PolicyCaller {
  kind: 'user' | 'service';
  /** Of the grant; names of models, `*` as a wildcard. */
  limits?: { models?: string[] };
}

interface Asked {
  caller: ModelCaller;
  /** Where the client names one that the catalog has. */
  component?: PolicyComponent;
  /** Default: the time of the question. */
  now?: Date;
}

/** May this caller ask this of this model, now? */
export interface ModelUse extends Asked {
  action: 'use_model';
  model: PolicyModel;
  request: PolicyRequest;
}

/** May this caller use this of this provider, now? */
export interface ProviderUse extends Asked {
  action: 'use_files' | 'use_batches' | 'use_stored_responses';
  provider: PolicyProvider;
}

/** What policy is asked about. */
export type ModelQuestion = ModelUse | ProviderUse;

/**
 * What policies can read of a model.
 *
 * @param known - what the catalogue has of it; undefined when it does not have it
 */
export function policyModelOf(options: {
  id: string;
  provider: PolicyProvider;
  /** Default: that of the provider. */
  retention?: PolicyRetention;
  known: CatalogueModel | undefined;
  /** Whether there is a price for it, in the catalogue or in a contract. */
  isPriced: boolean;
}): PolicyModel {
  const { id, provider, known, isPriced } = options;
  return {
    // As the catalogue writes it, with what makes it a variant: policies compare letters.
    id: known ? known.id + id.slice(known.id.length).toLowerCase() : id,
    provider,
    family: known?.family,
    openWeights: known?.capabilities.openWeights ?? false,
    retention: options.retention ?? provider.retention,
    status: known ? known.status ?? 'stable' : 'unknown',
    contextTokens: known?.limits.context,
    priced: isPriced,
  };
}
