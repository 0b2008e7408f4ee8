export * from './isMassDeparture';
