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
} from './createGuardedFetch';
export { type Resolve, resolveHost } from './guardedConnector';
export { isLoopbackHost } from './loopback';
