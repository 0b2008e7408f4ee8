export { readCodeModeConfig } from './config';
export type { CodeModeConfig } from './config';
export { EXECUTE, SEARCH } from './codeModeTools';
export type { CodeAnswer, CodeRequest } from './CodeRequest';
export { ExecutionStore } from './ExecutionStore';
export type { ExecutionConditions } from './ExecutionStore';
export { CODE_MODE_SETTINGS, isCodeMode } from './mode';
export type { CodeModeSetting } from './mode';
export { PortalCodeMode } from './PortalCodeMode';
