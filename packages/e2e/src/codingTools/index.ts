export { CLAUDE_CODE, CODEX, GEMINI_CLI, OPEN_CODE } from './pins';
export type { CodingTool } from './pins';
export { INSTALL_TIMEOUT_MS, provideCodingTool } from './provideCodingTool';
export { LoginProgram, USER_CODE_PROMPT } from './LoginProgram';
export { ToolHome } from './ToolHome';
export { startScriptedModel } from './scriptedModel';
export type { ScriptedModel } from './scriptedModel';
