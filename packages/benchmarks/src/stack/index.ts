export { parseDatabaseUrl, type DatabaseAddress } from './config';
export { startStack, type Stack } from './startStack';
