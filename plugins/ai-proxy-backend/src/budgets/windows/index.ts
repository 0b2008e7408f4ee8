export { windowAt } from './windowAt';
export type { TimeSpan } from './windowAt';
