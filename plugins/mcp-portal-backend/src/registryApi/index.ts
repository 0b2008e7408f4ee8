export {
  isPublic,
  readRegistryApiConfig,
  VISIBILITY_ANNOTATION,
} from './config';
export type { AnonymousView, RegistryApiConfig } from './config';
export { listEntries } from './listEntries';
export type { RegistryPage } from './listEntries';
export { RegistryEntries } from './RegistryEntries';
export type {
  ListedPortal,
  ListedServer,
  RegistryEntry,
} from './RegistryEntries';
export { isExactVersion, SERVER_SCHEMA } from './serverDocument';
