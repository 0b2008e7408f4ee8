export type { ChildOptions } from './childBackend';
export { parseDatabaseUrl, type DatabaseAddress } from './config';
export { startChild, type Child } from './startChild';
export { startStack, type Stack } from './startStack';
export { startWithOrganisation, type Dataset } from './startWithOrganisation';
export { signIn } from './tokens';
