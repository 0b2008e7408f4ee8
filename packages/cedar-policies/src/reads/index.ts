export * from './nameKeyOf';
export * from './PolicyReads';
export { readsOf, readsUnknown } from './readsOf';
