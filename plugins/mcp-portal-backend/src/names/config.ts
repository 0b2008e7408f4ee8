import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { Aliases } from './Aliases';
import type { NamingStrategy } from './NamingStrategy';
import { OriginalNaming } from './OriginalNaming';
import { PrefixedNaming } from './PrefixedNaming';

/**
 * Reads how a portal names things: `naming` and `aliases` of `mcpPortal.portals.<portal>`.
 *
 * @param options.config - that of the portal
 * @param options.portal - its name
 * @param options.servers - names of its servers; absent when it has all of them
 * @throws InputError when a value cannot be used
 */
export function readNamingConfig(options: {
  config: Config;
  portal: string;
  servers?: readonly string[];
}): NamingStrategy {
  const { config, portal, servers } = options;
  const key = `mcpPortal.portals.${portal}`;
  const aliases = config.getOptional<Record<string, unknown>>('aliases') ?? {};
  const naming = config.getOptionalString('naming') ?? 'prefixed';
  if (naming === 'prefixed') {
    return new PrefixedNaming({ aliases: checkedAliases(aliases, key) });
  }
  if (naming !== 'original') {
    throw new InputError(
      `${key}.naming is "${naming}", and has to be prefixed or original`,
    );
  }
  if (servers?.length !== 1) {
    throw new InputError(
      `${key}.naming can be original only in a portal of exactly one server: set ${key}.servers`,
    );
  }
  if (Object.keys(aliases).length) {
    throw new InputError(
      `${key}.aliases cannot be used with ${key}.naming: original`,
    );
  }
  return new OriginalNaming();
}

function checkedAliases(entries: Record<string, unknown>, key: string) {
  try {
    return new Aliases(entries);
  } catch (error) {
    throw new InputError(`${key}.aliases: ${(error as Error).message}`);
  }
}
