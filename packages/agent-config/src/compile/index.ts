export { CLIENTS } from './AgentConfig';
export type {
  AgentConfig,
  AgentConfigLayer,
  ClientName,
  Compilation,
  Instruction,
} from './AgentConfig';
export { compileAgentConfig } from './compileAgentConfig';
export { isRecord } from './isRecord';
export { PROVIDERS } from './yamlParts';
