export * from './decisions';
export * from './permissions';
