import { globs } from '../providers';
import type { ModelCaller } from './ModelQuestion';
import type { AskedUse } from './toCedarRequest';

/** Limits are the same object for as long as a token is known. */
const compiled = new WeakMap<string[], (name: string) => boolean>();

/**
 * Why a grant does not cover something, for people; undefined when it does. A
 * limit names models as clients do, or with the provider, such as
 * `anthropic/claude-haiku*`. A batch has models in it that nobody looks at, so a
 * grant that is limited to some covers none.
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
  const covers = compiledOf(models);
  return covers(id) || covers(`${provider.name}/${id}`)
    ? undefined
    : `This sign-in is limited to the models ${models.join(
        ', ',
      )}. Ask one of them, or sign in again with "${id}"`;
}

function compiledOf(models: string[]): (name: string) => boolean {
  let covers = compiled.get(models);
  if (!covers) {
    covers = globs(models);
    compiled.set(models, covers);
  }
  return covers;
}
