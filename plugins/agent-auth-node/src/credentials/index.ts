export * from './UserCredentials';
