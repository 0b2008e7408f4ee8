export * from './config';
export {
  describeProblem,
  type PolicyProblem,
  type PolicySource,
} from './problems';
export * from './readSources';
export * from './unicode';
