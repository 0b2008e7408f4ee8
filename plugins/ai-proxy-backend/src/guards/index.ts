export { readPromptGuards } from './config';
export { guardPrompt } from './guardPrompt';
export type { PromptGuards } from './PromptGuards';
