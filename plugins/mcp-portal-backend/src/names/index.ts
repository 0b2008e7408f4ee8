export { Aliases, PORTAL_PREFIX } from './Aliases';
export { readNamingConfig } from './config';
export {
  exposedName,
  MAX_NAME_LENGTH,
  MAX_SERVER_NAME_LENGTH,
  SERVER_NAME,
  suffixedName,
} from './identifiers';
export { promptNames, toolNames } from './NamingStrategy';
export type { NamedDefinition, NamingStrategy } from './NamingStrategy';
export { OriginalNaming } from './OriginalNaming';
export { PrefixedNaming } from './PrefixedNaming';
export { exposeToolView } from './toolView';
