export { parseDatabaseUrl } from './config';
export { startStack, type Stack } from './startStack';
