export * from './questions';
export * from './reports';
export * from './usage';
