export * from './nameKeyOf';
export { matchesPattern } from './namePattern';
export * from './PolicyReads';
export { readsOf, readsUnknown } from './readsOf';
