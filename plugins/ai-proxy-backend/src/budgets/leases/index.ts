export { DatabaseLeaseStore, UNSEEN_MS } from './DatabaseLeaseStore';
export { DatabaseTime } from './DatabaseTime';
export { inTime } from './inTime';
export { LeaseKeeper } from './LeaseKeeper';
export type { Bucket, LeaseAnswer, LeaseAsk, LeaseStore } from './LeaseStore';
export { renewLease } from './renewLease';
export type { BucketState, Lease } from './renewLease';
export { Slice } from './Slice';
export type { Acquired, SliceBudget } from './Slice';
