/**
 * Tells backend plugins who is calling, and what they may do.
 *
 * @packageDocumentation
 */

export * from './challenge';
export { DPOP_ALGORITHMS } from './dpop';
export * from './internal';
export * from './metadata';
export { subscriberOf } from './network';
export * from './permissions';
export * from './presence';
export * from './principal';
export * from './service';
