import type {
  ModelClassUsage,
  UsageGroup,
  UsageSavings,
} from '@prompt-corner/plugin-ai-proxy-common';
import { allTokensOf } from '../../metering';

/** A model as requests name it, and who has it. */
export interface ModelName {
  provider: string;
  model: string;
}

/** Whether a model's weights are open; undefined for one that nobody knows. */
export type IsOpenWeight = (model: ModelName) => boolean | undefined;

/** By what groups have to be told apart for {@link savingsOf}. */
export const SAVINGS_DIMENSIONS = ['provider', 'model', 'outcome'] as const;

type Savings = Omit<UsageSavings, 'from' | 'to' | 'more'>;

/** What caches and open-weight models save. */
export function savingsOf(
  groups: readonly UsageGroup[],
  isOpenWeight: IsOpenWeight,
): Savings {
  const isCached = ({ key }: UsageGroup) => key.outcome === 'cached';
  const costNanoUsd = sum(groups, group => group.costNanoUsd);
  const promptCacheSavedNanoUsd = sum(
    groups.filter(group => !isCached(group)),
    group => group.savedNanoUsd,
  );
  const responseCacheSavedNanoUsd = sum(
    groups.filter(isCached),
    group => group.savedNanoUsd,
  );

  // What the proxy has answered itself was no use of a model.
  const asked = groups.filter(group => !isCached(group) && group.key.model);
  const all = sum(asked, tokensIn);
  const classOf = (openWeight: boolean | undefined) =>
    modelClass(
      asked.filter(
        ({ key }) =>
          isOpenWeight({ provider: key.provider!, model: key.model! }) ===
          openWeight,
      ),
      all,
    );
  return {
    costNanoUsd,
    undiscountedNanoUsd:
      costNanoUsd + promptCacheSavedNanoUsd + responseCacheSavedNanoUsd,
    promptCacheSavedNanoUsd,
    responseCacheSavedNanoUsd,
    openWeight: classOf(true),
    proprietary: classOf(false),
    unknown: classOf(undefined),
  };
}

function modelClass(groups: UsageGroup[], all: number): ModelClassUsage {
  const tokens = sum(groups, tokensIn);
  const costNanoUsd = sum(groups, group => group.costNanoUsd);
  // Where some requests have no price, their tokens would make the others look cheap.
  const priced = sum(
    groups.filter(({ unpriced }) => unpriced === 0),
    tokensIn,
  );
  return {
    requests: sum(groups, group => group.requests),
    tokens,
    costNanoUsd,
    tokenShare: all > 0 ? tokens / all : null,
    costPerMillionTokensNanoUsd:
      priced > 0
        ? Math.round(
            (sum(
              groups.filter(({ unpriced }) => unpriced === 0),
              group => group.costNanoUsd,
            ) /
              priced) *
              1e6,
          )
        : null,
  };
}

function tokensIn({ tokens }: UsageGroup): number {
  return allTokensOf(tokens);
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
