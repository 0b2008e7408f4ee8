export * from './checkDraft';
export * from './PolicyReplay';
export * from './PolicySimulator';
