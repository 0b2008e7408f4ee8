export { readOwnershipRetention } from './config';
export type { OwnershipRetention } from './config';
export { expireObjects } from './expireObjects';
export { notFound } from './notFound';
export type { ObjectDetail, OwnedObject, Place } from './OwnedObject';
export { Ownership } from './Ownership';
export { OwnershipStore } from './OwnershipStore';
export type { PageQuery } from './OwnershipStore';
export { withoutPrefix } from './references';
