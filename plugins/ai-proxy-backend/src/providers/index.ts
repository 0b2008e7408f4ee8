export { readProviders } from './config';
export { caselessGlobs, globs } from './glob';
export type {
  BreakerSettings,
  Concurrency,
  Identity,
  Provider,
  Retention,
  Target,
  Timeouts,
} from './Provider';
export { Routes } from './Routes';
export type { Candidate } from './Routes';
