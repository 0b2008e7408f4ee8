import type { InferenceRequest } from '../InferenceRequest';

/** What the body of a request says, but for its model. */
export type Facts = Omit<
  InferenceRequest,
  'api' | 'format' | 'model' | 'references' | 'streaming'
>;

/** What is said where nothing is. */
export const NOTHING: Facts = {
  tools: [],
  serverTools: [],
  modalities: [],
  background: false,
};

/** All that several answers may have. */
export function written(
  limit: number | undefined,
  choices: number = 1,
): Pick<Facts, 'maxOutputTokens' | 'choices'> {
  return {
    // Some servers take 0 for no limit.
    maxOutputTokens: limit ? limit * Math.max(1, choices) : undefined,
    ...(choices > 1 && { choices }),
  };
}

/** How much a model is to reason. */
export type Reasoning = Pick<Facts, 'effort' | 'reasoningTokens'>;

/** What an effort and a number of tokens come to, either of which may be missing. */
export function reasoning(
  effort: string | undefined,
  tokens: number | undefined,
): Reasoning {
  if (tokens === undefined) {
    return { effort };
  }
  return effort === undefined
    ? { effort: `budget:${tokens}` }
    : { effort, reasoningTokens: tokens };
}
