import {
  callerParts,
  entitiesOf,
  entity,
  isRead,
  neededEntities,
  parentsRead,
  picked,
  roundedNumber,
  type CallerAttributes,
  type CedarRequest,
  type LocalTime,
  type PolicyReads,
  type Values,
} from '@prompt-corner/cedar-policies';
import { baseModelIds } from '../models';
import type {
  ModelUse,
  PolicyComponent,
  PolicyModel,
  PolicyProvider,
  PolicyRequest,
  ProviderUse,
} from './ModelQuestion';

/** What is asked. In lists, nothing is known of requests and components. */
export type AskedUse = (
  | Pick<ModelUse, 'action' | 'model'>
  | Pick<ProviderUse, 'action' | 'provider'>
) & { request?: PolicyRequest; component?: PolicyComponent };

/** A question as policies are asked. */
export interface AskedModel {
  /** Who asks, and when: ISO 8601, UTC. */
  caller: CallerAttributes & { at: string };
  use: AskedUse;
  /** Why the grant does not cover it, whatever policies say. */
  beyondGrant?: string;
}

/**
 * Turns a question into a request to Cedar. The types are those of
 * `policies/schema.cedarschema`.
 *
 * @param options.reads - what the policies read; the rest is left out
 */
export function toCedarRequest(
  { caller, use }: AskedModel,
  options: { reads: PolicyReads; localTime: LocalTime },
): CedarRequest {
  const { reads } = options;
  const { principal, context, entities } = callerParts(caller, options);
  const { component, request } = use;
  if (component && isRead('component', reads)) {
    context.component = entity('Component', component.entityRef);
    entities.push(componentEntity(component, reads));
  }
  if (request && isRead('request', reads)) {
    context.request = picked(requestRecord(request, reads), reads);
  }
  const target =
    use.action === 'use_model'
      ? modelEntities(use.model, reads)
      : [providerEntity(use.provider, reads)];
  return {
    principal,
    action: { type: 'Action', id: use.action },
    resource: target[0].uid,
    context: context as CedarRequest['context'],
    entities: neededEntities([...entities, ...target]),
  };
}

/** A model and its provider, as far as policies read them. */
export function modelEntities(model: PolicyModel, reads: PolicyReads) {
  const { provider, family } = model;
  return [
    {
      uid: { type: 'Model', id: `${provider.name}/${model.id}` },
      attrs: picked(
        {
          id: model.id,
          provider: entity('Provider', provider.name),
          openWeights: model.openWeights,
          retention: entity('Retention', model.retention),
          status: entity('ModelStatus', model.status),
          contextTokens: model.contextTokens,
          priced: model.priced,
        },
        reads,
      ),
      parents: parentsRead(
        [
          { type: 'Provider', id: provider.name },
          ...entitiesOf('Family', family),
          ...baseModelIds(model.id).map(id => ({
            type: 'Model',
            id: `${provider.name}/${id}`,
          })),
        ],
        reads,
      ),
    },
    providerEntity(provider, reads),
  ];
}

function providerEntity(
  { name, retention }: PolicyProvider,
  reads: PolicyReads,
) {
  return {
    uid: { type: 'Provider', id: name },
    attrs: picked({ name, retention: entity('Retention', retention) }, reads),
    parents: [],
  };
}

function componentEntity(
  { entityRef, system, domain }: PolicyComponent,
  reads: PolicyReads,
) {
  return {
    uid: { type: 'Component', id: entityRef },
    attrs: {},
    parents: parentsRead(
      [...entitiesOf('System', system), ...entitiesOf('Domain', domain)],
      reads,
    ),
  };
}

const BUDGET = /^budget:(-?\d{1,15})$/;

function requestRecord(request: PolicyRequest, reads: PolicyReads): Values {
  const rounded = (name: string, value: number | undefined) =>
    roundedNumber(value, `request.${name}`, reads);
  const [, budget] = BUDGET.exec(request.effort ?? '') ?? [];
  return {
    format: request.format,
    effort: budget === undefined ? request.effort : 'budget',
    reasoningTokens: rounded(
      'reasoningTokens',
      budget === undefined ? request.reasoningTokens : Number(budget) + 0,
    ),
    maxOutputTokens: rounded('maxOutputTokens', request.maxOutputTokens),
    inputTokens: rounded('inputTokens', request.inputTokens),
    tools: request.tools,
    serverTools: request.serverTools,
    modalities: request.modalities,
    serviceTier: request.serviceTier,
    streaming: request.streaming,
    background: request.background,
    stored: request.store === true,
  };
}
