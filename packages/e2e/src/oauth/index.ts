export { authorizeWithoutBrowser } from './authorizeWithoutBrowser';
export { connectWithOAuth } from './connectWithOAuth';
export type { AuthorizedClient } from './connectWithOAuth';
export { currentGeneration, legacyGeneration } from './generations';
export type { Generation } from './generations';
export { CLIENT_NAME } from './LoopbackClient';
