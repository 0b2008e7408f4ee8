export { Client } from './Client';
export { Connections, UpstreamError } from './Connections';
export type { UpstreamFailure } from './Connections';
export { FairQueue, QueueError } from './FairQueue';
export type { Release } from './FairQueue';
export { retryAfterMs } from './retryAfter';
export { Upstreams } from './Upstreams';
export type { Answer, Prepared } from './Upstreams';
