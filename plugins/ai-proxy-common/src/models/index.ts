export * from './ModelCatalogueStatus';
export * from './models';
