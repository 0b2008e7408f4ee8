export { claudeCodeSettings } from './claudeCode';
export type {
  ClientConfiguration,
  ClientFile,
  ClientTarget,
  ClientUrls,
  ModelApi,
  OfferedModel,
} from './ClientConfiguration';
export { exportFor, TOKEN_VARIABLE } from './exportFor';
export { fillPlaceholders, mergeConfig } from './merge';
export {
  codingModels,
  modelReference,
  openCodeConfig,
  openCodeProviders,
} from './openCode';
