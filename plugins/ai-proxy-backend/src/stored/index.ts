export type { DenyStored, StoredAction } from './actions';
export { createStored } from './createStored';
export type { Stored } from './createStored';
