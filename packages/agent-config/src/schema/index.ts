export {
  AGENT_KEYS,
  CONFIG_KEYS,
  OPEN_CODE_SCHEMA_VERSION,
  validateOpenCodeConfig,
} from './validateOpenCodeConfig';
