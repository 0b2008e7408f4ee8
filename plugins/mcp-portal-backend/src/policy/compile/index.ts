export * from './argumentBounds';
export * from './checkPolicies';
export * from './CompiledPolicies';
export * from './namePattern';
export * from './parsePolicies';
export * from './policyReads';
export * from './problems';
export * from './schema';
export { TARGET_TYPES } from './toCedarRequest';
