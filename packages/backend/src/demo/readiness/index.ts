export { catalogCompletenessServiceRef } from './CatalogCompleteness';
export { catalogCompletenessModule } from './catalogCompletenessModule';
export { demoRootHealthFactory } from './demoRootHealthFactory';
