export {
  catalogClient,
  CLIENT_INFO,
  connectClient,
  connectLegacyClient,
} from './clients';
export type { CatalogClient } from './clients';
export { inspect } from './inspector';
