/**
 * A fetch that cannot be led to what only this machine can reach.
 *
 * @packageDocumentation
 */

export {
  isInternalOrPublicAddress,
  isLoopbackAddress,
  isPublicAddress,
} from './addresses';
export {
  createGuardedFetch,
  type GuardedFetch,
  type GuardedFetchOptions,
  type GuardedRequestInit,
} from './createGuardedFetch';
export { type Resolve, resolveHost } from './guardedConnector';
export { TooManyBytesError } from './limitBytes';
export { isLoopbackHost } from './loopback';
export { UnreachableHostError } from './UnreachableHostError';
