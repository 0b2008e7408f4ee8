export { askSource, type SourceFetch } from './askSource';
export {
  type CatalogueDocument,
  parseStored,
  readDocument,
  toStored,
} from './CatalogueDocument';
export { keepGone } from './keepGone';
export type { SourceModel } from './sourceModel';
export { toModel } from './toModel';
