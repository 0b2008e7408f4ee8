import type { LeaseAsk } from './LeaseStore';

/** What the replicas have of a bucket, together. */
export interface BucketState {
  /** Sum of what is granted to replicas. */
  leased: number;
  /** Sum of what they say they spent. */
  spent: number;
}

/** What one replica has of it. */
export interface Lease {
  granted: number;
  spent: number;
  reserved: number;
  /** Of the last ask that had an effect. */
  seq: number;
}

/** Of what is left, once the need is met, one replica takes at most this part for later. */
const SHARE_FOR_LATER = 1 / 8;

/**
 * The rule by which replicas share a bucket.
 *
 * 1. What is spent and reserved is granted, whatever the limit: it has happened.
 * 2. What a replica had, and still counts on, it keeps: it may have been used since
 *    the ask was written.
 * 3. What it needs at once it gets, as far as the limit allows; but nothing where
 *    that is too little for any request, so that two which lack something do not
 *    hold what the other one lacks.
 * 4. For later it gets at most an eighth of what is left then: the nearer the end,
 *    the smaller the slices, and the last ones are exact.
 *
 * Where a need is not met, or more happened than the limit allows, the bucket is
 * scarce: its replicas give back what they do not need.
 *
 * So a grant never grows beyond the limit but by rule 1, and never shrinks below
 * what its replica counts on.
 *
 * @returns undefined when a later ask has been answered already
 */
export function renewLease(
  bucket: BucketState,
  lease: Lease | undefined,
  ask: LeaseAsk,
): { bucket: BucketState; lease: Lease; isScarce: boolean } | undefined {
  if (lease && lease.seq >= ask.seq) {
    return undefined;
  }
  const before = lease ?? { granted: 0, spent: 0 };
  const happened = ask.spent + ask.reserved;
  const must = happened + ask.need;
  const kept = Math.min(before.granted, ask.kept);
  const room = ask.limit - (bucket.leased - before.granted);
  const afterNeed = Math.max(0, room - must);
  const forLater = Math.min(ask.extra, Math.floor(afterNeed * SHARE_FOR_LATER));
  const isOfUse = room >= happened + ask.needAtLeast;
  const leasable = isOfUse ? Math.min(must, room) + forLater : 0;
  const granted = Math.max(happened, kept, leasable);
  const leased = bucket.leased - before.granted + granted;
  return {
    bucket: {
      leased,
      spent: bucket.spent - before.spent + ask.spent,
    },
    lease: {
      granted,
      spent: ask.spent,
      reserved: ask.reserved,
      seq: ask.seq,
    },
    isScarce: !ask.soft && (granted < must || leased > ask.limit),
  };
}
