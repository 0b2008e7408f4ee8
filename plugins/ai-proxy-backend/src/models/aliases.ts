import { InputError } from '@backstage/errors';

/** A name of the organisation's own for a model. */
export interface ModelAlias {
  name: string;
  /** As the configuration names it. */
  provider: string;
  /** Of the model, as its provider names it. */
  id: string;
}

/** Such as `default`, `team-a.small` or `gpt-5.4`. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/;

/**
 * Reads aliases, each for `provider/model` or for another alias.
 *
 * @param aliases - by name
 * @param providers - as the configuration names them
 * @param key - of the configuration, for messages
 * @throws InputError naming the alias that leads nowhere, in a circle or to no provider
 */
export function readAliases(
  aliases: Readonly<Record<string, string>>,
  providers: readonly string[],
  key: string,
): ModelAlias[] {
  return Object.keys(aliases).map(name => {
    if (!NAME.test(name)) {
      throw new InputError(
        `${key}: "${name}" cannot be an alias; expected letters, digits, ".", "_", ":" and "-", at most 100 of them`,
      );
    }
    const target = follow(aliases, name, key);
    const [provider, ...rest] = target.split('/');
    const id = rest.join('/');
    if (!providers.includes(provider) || !id) {
      throw new InputError(
        `${key}.${name} leads to "${target}"; expected another alias, or a model of one of these providers: ${providers
          .map(known => `${known}/…`)
          .join(', ')}`,
      );
    }
    return { name, provider, id };
  });
}

function follow(
  aliases: Readonly<Record<string, string>>,
  name: string,
  key: string,
): string {
  const way = [name];
  let target = aliases[name];
  while (Object.hasOwn(aliases, target)) {
    way.push(target);
    if (way.indexOf(target) < way.length - 1) {
      throw new InputError(`${key} go in a circle: ${way.join(' → ')}`);
    }
    target = aliases[target];
  }
  return target;
}
