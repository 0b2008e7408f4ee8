export * from './checkPolicies';
export * from './CompiledPolicies';
export * from './Decision';
export type { Policy } from './parsePolicies';
export type { Bound } from './unknownBounds';
