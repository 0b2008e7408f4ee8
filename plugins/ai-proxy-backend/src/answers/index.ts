export { passOn } from './passOn';
export type { AnswerEnd } from './passOn';
export { UnpackedMeter } from './UnpackedMeter';
