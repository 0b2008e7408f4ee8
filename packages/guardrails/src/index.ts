/**
 * Finds secrets, personal data, prompt injection and encoded exfiltration in
 * text and JSON.
 *
 * @packageDocumentation
 */
export {
  ACTIONS,
  CATEGORIES,
  DIRECTIONS,
  SEVERITIES,
  isAtLeast,
} from './findings';
export type {
  Action,
  Category,
  Direction,
  Finding,
  Inspection,
  Severity,
  Verdict,
} from './findings';
export { createGuardrails } from './engine/createGuardrails';
export type {
  DetectorDescription,
  Guardrails,
} from './engine/createGuardrails';
export { GuardrailsConfigError } from './engine/GuardrailsConfigError';
export { DEFAULT_ACTIONS } from './engine/options';
export type {
  ActionRule,
  GuardrailsOptions,
  InspectionContext,
  PatternOption,
  TopicOption,
} from './engine/options';
export type {
  DefinitionContext,
  DefinitionFinding,
  DefinitionInspection,
} from './definitions/inspectDefinition';
export { inspectToolResult } from './mcp/inspectToolResult';
