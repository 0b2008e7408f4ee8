export { checkOptOuts, optOut, optsOut, retentionOf } from './optOut';
export type { RetentionState } from './optOut';
