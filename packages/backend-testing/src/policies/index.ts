export { ALL_OF_IT, askCedar } from './askCedar';
export { CALLER } from './callers';
export { CONDITIONS_ON_CALLERS, OVERFLOW, policySets } from './policySets';
