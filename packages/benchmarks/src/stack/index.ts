export type { ChildOptions } from './childBackend';
export { parseDatabaseUrl, type DatabaseAddress } from './config';
export { replaceDatabase } from './replaceDatabase';
export { startChild, type Child } from './startChild';
export { startStack, type Stack } from './startStack';
export { startWithOrganisation, type Dataset } from './startWithOrganisation';
export { createPersonalToken, signIn } from './tokens';
export { untilSuccess } from './untilSuccess';
