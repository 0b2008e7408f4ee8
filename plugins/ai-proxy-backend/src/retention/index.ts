export { checkOptOut, optOut, optsOut, retentionOf } from './optOut';
export type { RetentionState } from './optOut';
