import { globs } from '../providers';
import { MAX_NAME_LENGTH } from './modelPolicies';
import type { ModelCaller } from './ModelQuestion';
import type { AskedUse } from './toCedarRequest';

/**
 * Why a grant does not cover something, for people; undefined when it does. A
 * limit has names of models at their providers, not aliases, with the provider in
 * front or without, such as `anthropic/claude-haiku*`; `*` stands for anything. A
 * batch has models in it that nobody looks at, so a grant that is limited to some
 * covers none.
 */
export function beyondGrant(
  { limits }: Pick<ModelCaller, 'limits'>,
  use: AskedUse,
): string | undefined {
  const models = limits?.models;
  if (!models) {
    return undefined;
  }
  if (use.action === 'use_batches') {
    return 'This sign-in is limited to some models, and a batch can ask others. Sign in again without the limit';
  }
  if (use.action !== 'use_model') {
    return undefined;
  }
  const { id, provider } = use.model;
  const covers = globs(models);
  // Longer names are refused for that.
  return id.length > MAX_NAME_LENGTH ||
    covers(id) ||
    covers(`${provider.name}/${id}`)
    ? undefined
    : `This sign-in is limited to the models ${models.join(
        ', ',
      )}. Ask one of them, or sign in again with "${id}"`;
}
