export { PartMemory } from './PartMemory';
export { Prompt, promptOf } from './Prompt';
export type { PromptPart } from './PromptPart';
export { PromptReader } from './PromptReader';
