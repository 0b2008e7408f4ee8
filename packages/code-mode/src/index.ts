/**
 * Runs JavaScript that a model wrote, with tools to call and nothing else.
 *
 * @packageDocumentation
 */
export { createCodeMode } from './createCodeMode';
export type {
  CodeMode,
  CodeModeHealth,
  CodeModeOptions,
  ExecuteRequest,
  SearchRequest,
} from './createCodeMode';
export type { DocumentSource, DocumentView } from './document/DocumentView';
export type { CallContext, CallTool } from './execution/CallDesk';
export type {
  CallRecord,
  CallSummary,
  Execution,
  LogLine,
  Recording,
  Replay,
  SnippetError,
} from './execution/Execution';
export { DEFAULT_LIMITS } from './execution/limits';
export type { Limits } from './execution/limits';
export { ISOLATIONS } from './isolation/isolations';
export type { Isolation } from './isolation/isolations';
export type { ProcessOptions } from './pool/poolOptions';
export type { PoolHealth } from './pool/SandboxPool';
export { isGlobalName } from './tools/globalNames';
export { RESERVED_NAMES } from './tools/names';
export type { ToolDefinition } from './tools/ToolDefinition';
export { toolSignature } from './tools/toolSignature';
export { unwrapToolResult } from './tools/unwrapToolResult';
