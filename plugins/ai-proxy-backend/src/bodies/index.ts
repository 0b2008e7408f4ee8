export { BodyRoom } from './BodyRoom';
export type { HeldRoom } from './BodyRoom';
export { parseObject, readBody } from './readBody';
export { clientGone, tooLarge } from './refusals';
