export { CatalogUsers } from './CatalogUsers';
export type { UserCount } from './CatalogUsers';
