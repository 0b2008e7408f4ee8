export { collectFacts } from './collectFacts';
export { eventually } from './eventually';
export { startDemo } from './startDemo';
export type { DemoAddress, StartedDemo } from './startDemo';
export { useDemo } from './useDemo';
export type { Demo, Persona } from './useDemo';
export { recordedClaims } from './recordedClaims';
export { waitUntilReady } from './waitUntilReady';
