import type {
  ApiName,
  CatalogueModel,
} from '@prompt-corner/plugin-ai-proxy-common';
import type { ModelAccess } from '../access';
import type { BatchStages } from '../batches';
import type { BodyRoom } from '../bodies';
import type { Amount, Budgets, Demand } from '../budgets';
import type { ResponseCache } from '../cache';
import type { PromptGuards } from '../guards';
import { createMeter, InputEstimates } from '../metering';
import type { ModelCatalogue } from '../models';
import type { Ownership } from '../ownership';
import { costsOf, PriceList } from '../prices';
import { PromptReader } from '../prompts';
import type { Candidate, Routes } from '../providers';
import {
  Exchange,
  InferenceStages,
  mostOf,
  Reserved,
  worstCase,
} from '../requests';
import { optsOut } from '../retention';
import type { Upstreams } from '../upstream';
import type { UsageLog } from '../usage';
import { RefusedError } from '../wire';

/** Of what the stages of a request to a model are made. */
export interface StageParts {
  routes: Routes;
  upstreams: Upstreams;
  catalogue: ModelCatalogue;
  prices: PriceList;
  access: ModelAccess;
  ownership: Ownership;
  guards: PromptGuards | undefined;
  cache: ResponseCache | undefined;
  budgets: Budgets;
  usage: UsageLog;
  maxBodyBytes: number;
  room: BodyRoom;
  forwardedHeaders: readonly string[];
}

/** Puts the stages of a request to a model together. */
export function createStages(parts: StageParts): InferenceStages & BatchStages {
  const { catalogue, prices, access, ownership, budgets, usage } = parts;
  const find = ({ provider, model }: Candidate): CatalogueModel | undefined =>
    prices.find(
      { provider: provider.name, id: model },
      catalogue.find(provider.name, model),
    );
  const worstCaseOf: InferenceStages['worstCaseOf'] = (
    candidate,
    asked,
    inputTokens,
    json,
  ) => worstCase(asked, find(candidate), inputTokens, json);
  const reserveAmount = async (
    exchange: Exchange,
    candidate: Candidate,
    amount: Amount,
    otherModels?: string[],
  ): Promise<Reserved> => {
    const answer = await budgets.reserve(
      demandOf(exchange, candidate, otherModels),
      amount,
    );
    if (answer.kind === 'reservation') {
      return answer;
    }
    throw new RefusedError({
      status: answer.status,
      reason: `budget:${answer.budget}`,
      message: answer.message,
      retryAfterSeconds: answer.retryAfterSeconds,
    });
  };
  return {
    ...parts,
    find,
    worstCaseOf,
    prompts: new PromptReader(),
    inputEstimates: new InputEstimates(),
    deny: (exchange, candidate, asked, inputTokens) =>
      access.denyModel({
        principal: exchange.principal,
        attribution: exchange.attribution,
        candidate,
        asked,
        inputTokens,
      }),
    placeOf: ({ principal }, chain, { references }) =>
      ownership.checkReferences(
        principal.uuid,
        chain.map(({ provider }) => provider.name),
        references,
      ),
    async reserve(exchange, candidate, asked, inputTokens, json) {
      const { outputTokens, nanoUsd } = mostOf({
        candidate,
        asked,
        inputTokens,
        json,
        find,
        costOf: (answering, tokens, { serviceTier }) =>
          costsOf(tokens, find(answering)?.prices, { serviceTier }).costNanoUsd,
      });
      return reserveAmount(
        exchange,
        candidate,
        { nanoUsd, tokens: inputTokens + outputTokens, requests: 1 },
        asked.others?.map(({ model }) => model),
      );
    },
    reserveBatch: reserveAmount,
    flush: () => usage.flush(),
    createMeter: (format, inputTokensEstimate) =>
      createMeter({ format, inputTokensEstimate }),
    costOf(candidate, metered) {
      const { tokens, otherModels = [] } = metered;
      const { provider } = candidate;
      return [
        costsOf(tokens, find(candidate)?.prices, metered),
        ...otherModels.map(other =>
          costsOf(other.tokens, find({ provider, model: other.model })?.prices),
        ),
      ].reduce((sum, cost) => ({
        costNanoUsd: plus(sum.costNanoUsd, cost.costNanoUsd),
        undiscountedNanoUsd: plus(
          sum.undiscountedNanoUsd,
          cost.undiscountedNanoUsd,
        ),
      }));
    },
    keepResponse({ principal, operation }, { candidate, target }, response) {
      const { provider, model } = candidate;
      // The ids of other APIs' answers lead nowhere.
      if (operation.name === 'openai-responses' && !optsOut(provider, model)) {
        ownership.keep({
          provider: provider.name,
          kind: 'response',
          id: response.id,
          principal: principal.uuid,
          target: target.name,
          createdAtMs: Date.now(),
          detail: { tokens: response.tokens },
        });
      }
    },
    record: event => usage.record(event),
  };
}

/** Of what has no price nothing is counted; all of it would cost budgets nothing otherwise. */
function plus(one: number | null, other: number | null): number | null {
  return one === null || other === null ? one ?? other : one + other;
}

function demandOf(
  { principal }: Exchange,
  {
    provider,
    model,
  }: { provider: { name: string; api: ApiName }; model: string },
  otherModels?: string[],
): Demand {
  return {
    user: principal.uuid,
    kind: principal.kind,
    teams: principal.teams,
    client: principal.client.id,
    connectionId: principal.connectionId,
    grantBudgetUsdPerDay: principal.limits.budgetUsdPerDay,
    provider: provider.name,
    model,
    otherModels,
  };
}
