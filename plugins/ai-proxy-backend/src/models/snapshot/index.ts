export { readSnapshot, type Snapshot } from './readSnapshot';
