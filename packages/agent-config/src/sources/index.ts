export { isSource } from './isSource';
export { SourceCollector } from './SourceCollector';
export { formatProblem, SOURCE_LIMITS } from './sources';
export type { Problem, SourceFile, Sources } from './sources';
