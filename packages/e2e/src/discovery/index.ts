export { compileExample, EXAMPLE_MODELS, exampleFiles } from './exampleConfig';
export { startConfiguredProxy } from './startConfiguredProxy';
export type { ConfiguredProxy } from './startConfiguredProxy';
