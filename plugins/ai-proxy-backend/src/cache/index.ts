export { readCache } from './config';
export { ResponseCache } from './ResponseCache';
export type { CachedAnswer, CacheScope, CacheSettings } from './ResponseCache';
