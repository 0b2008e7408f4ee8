export { baseModelIds } from './baseModelIds';
export {
  type CatalogueProvider,
  type ModelsConfig,
  readModelsConfig,
} from './config';
export type { CatalogueRefresh } from './CatalogueRefresh';
export { createModels, scheduleRefresh } from './createModels';
export {
  listAnthropicModels,
  listGeminiModels,
  listModelsDev,
  listOpenAiModels,
  toAnthropicModel,
  toGeminiModel,
  toOpenAiModel,
} from './lists';
export { type MayUse, ModelCatalogue } from './ModelCatalogue';
export { ModelPatterns } from './patterns';
export type { SourceFetch } from './source';
