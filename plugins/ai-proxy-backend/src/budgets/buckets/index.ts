export { BucketReader } from './BucketReader';
export type { BucketConditions, OthersTotals } from './BucketReader';
