export * from './errors';
export * from './protectedResource';
export * from './sendAuthError';
