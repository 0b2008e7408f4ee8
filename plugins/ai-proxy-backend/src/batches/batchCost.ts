import type { Candidate } from '../providers';
import type { InferenceStages, Metered } from '../requests';

type Cost = ReturnType<InferenceStages['costOf']>;

/**
 * What a request of a batch costs: by the model's price for batches, where it has
 * one, or else so many percent off.
 */
export function batchCost(
  stages: Pick<InferenceStages, 'find' | 'costOf'>,
  discountPercent: number,
  candidate: Candidate,
  metered: Metered,
): Cost {
  if (stages.find(candidate)?.prices?.serviceTiers?.batch) {
    return stages.costOf(candidate, { ...metered, serviceTier: 'batch' });
  }
  const { costNanoUsd, undiscountedNanoUsd } = stages.costOf(candidate, {
    ...metered,
    serviceTier: undefined,
  });
  const reduced = (nanoUsd: number | null) =>
    nanoUsd === null
      ? null
      : Math.round((nanoUsd * (100 - discountPercent)) / 100);
  return {
    costNanoUsd: reduced(costNanoUsd),
    undiscountedNanoUsd: reduced(undiscountedNanoUsd),
  };
}
