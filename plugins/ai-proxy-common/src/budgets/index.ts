export * from './budgets';
export * from './permissions';
