export * from './PolicyReplay';
export * from './PolicySimulator';
