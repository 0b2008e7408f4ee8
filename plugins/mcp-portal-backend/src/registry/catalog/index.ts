export * from './CatalogServer';
export * from './CatalogServers';
export * from './readCatalogServer';
