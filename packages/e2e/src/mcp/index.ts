export {
  catalogClient,
  CLIENT_INFO,
  connectClient,
  connectLegacyClient,
  legacyCatalogClient,
} from './clients';
export type { CatalogClient } from './clients';
export { inspect } from './inspector';
