export type { PolicyAttributes } from './attributes';
export * from './config';
export * from './listing';
export * from './PolicyAnswer';
export * from './PolicyEngine';
export * from './PolicyQuestion';
export * from './simulate';
