export { parseDefinition } from './parseDefinition';
export type {
  ApiDefinition,
  DefinitionFormat,
  OperationDetail,
  OperationSummary,
} from './types';
