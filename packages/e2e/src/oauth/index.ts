export { authorizeWithoutBrowser } from './authorizeWithoutBrowser';
export { connectWithOAuth } from './connectWithOAuth';
export type { AuthorizedClient } from './connectWithOAuth';
