import type { Candidate } from '../providers';
import { InferenceRequest, RefusedError } from '../wire';
import type { Denial, InferenceStages } from './stages';

/**
 * The candidates for a request that its caller may ask.
 *
 * @param deny - why one may not be asked
 * @returns at least one
 * @throws RefusedError when there is none
 */
export function permittedChain(
  { routes }: Pick<InferenceStages, 'routes'>,
  asked: InferenceRequest,
  deny: (candidate: Candidate) => Denial,
): Candidate[] {
  const chain = routes.chain(asked.api, asked.model);
  if (chain.length === 0) {
    throw new RefusedError({
      status: 404,
      reason: 'unknown_model',
      message: `No provider here has the model "${asked.model}". The list of models says which there are`,
    });
  }
  let first: Denial;
  const permitted = chain.filter(candidate => {
    const denial = deny(candidate);
    first ??= denial;
    return !denial;
  });
  if (permitted.length === 0) {
    throw new RefusedError({
      // Claude Code takes 403 for a sign-in that has ended.
      status: asked.api === 'anthropic' ? 400 : 403,
      ...first!,
    });
  }
  return permitted;
}
