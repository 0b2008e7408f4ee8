import type { Provider } from '../providers';
import type { Denial, Exchange } from '../requests';
import { RefusedError, StoredKind } from '../wire';

/** What policy knows of what providers keep. */
export type StoredAction = 'use_files' | 'use_batches' | 'use_stored_responses';

/** Whether policy lets a caller do something at a provider. */
export type DenyStored = (
  exchange: Exchange,
  provider: Provider,
  action: StoredAction,
) => Denial;

/** What policy is asked about each kind. */
export function actionOf(kind: StoredKind): StoredAction {
  switch (kind) {
    case 'batch':
      return 'use_batches';
    case 'response':
      return 'use_stored_responses';
    default:
      return 'use_files';
  }
}

/** By which clients say which of several providers of an API is to keep something. */
const PROVIDER_HEADER = 'x-ai-proxy-provider';

/**
 * The provider that is to keep something new: the one that the client names, or
 * the first that the caller may use.
 *
 * @param providers - of the API, in the order of the configuration
 * @throws RefusedError
 */
export function providerFor(
  exchange: Exchange,
  providers: Provider[],
  kind: StoredKind,
  deny: DenyStored,
): Provider {
  return permittedProviders(exchange, providers, kind, deny)[0];
}

/**
 * The providers at which the caller may use something; those only that the client
 * names, if it names one.
 *
 * @returns at least one
 * @throws RefusedError
 */
export function permittedProviders(
  exchange: Exchange,
  providers: Provider[],
  kind: StoredKind,
  deny: DenyStored,
): Provider[] {
  const named = exchange.request.headers[PROVIDER_HEADER];
  const candidates = providers.filter(
    ({ name }) => named === undefined || name === named,
  );
  if (candidates.length === 0) {
    throw new RefusedError({
      status: 404,
      reason: 'unknown_provider',
      message:
        named === undefined
          ? 'No provider is configured for this API'
          : `No provider of this API is named as ${PROVIDER_HEADER} says`,
    });
  }
  let denial: Denial;
  const permitted = candidates.filter(provider => {
    const found = deny(exchange, provider, actionOf(kind));
    denial ??= found;
    return !found;
  });
  if (permitted.length === 0) {
    throw new RefusedError({ status: 403, ...denial! });
  }
  return permitted;
}
