export { openCodeConfig, SERVER_NAME } from './config';
export type { Access } from './config';
export { OpenCode } from './OpenCode';
export { startScriptedModel } from './scriptedModel';
export type { ScriptedModel } from './scriptedModel';
