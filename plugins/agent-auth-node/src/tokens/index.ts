export * from './RevocationFeed';
export * from './timings';
export * from './TokenCache';
