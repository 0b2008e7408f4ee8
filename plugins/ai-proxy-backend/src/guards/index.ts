export { readPromptGuards } from './config';
export { PromptGuards } from './PromptGuards';
export type { GuardedPrompt } from './PromptGuards';
