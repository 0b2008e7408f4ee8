import type { TokenUsage } from '@prompt-corner/plugin-ai-proxy-common';
import type { FieldNode } from '../json';
import type { MeteredUsage } from '../MeteredUsage';
import type { Told } from './Told';

/** Slots of what the model wrote; see {@link Format.fields}. */
export const ANSWER = 0;
export const REASONING = 1;
/** The same once more: some servers send reasoning under two names. */
export const REASONING_AGAIN = 2;

/** What an answer told of usage. */
export interface ToldUsage
  extends Pick<MeteredUsage, 'serviceTier' | 'toolRequests' | 'otherModels'> {
  /** Absent when nothing was told. */
  tokens?: TokenUsage;
  /** Whether the numbers cannot rise any more, even where the answer goes on. */
  final: boolean;
  /** Whether they are the whole of it when the answer has come to its regular end. */
  finalAtEnd: boolean;
}

/** How the usage of a wire format is read. */
export interface Format {
  /**
   * Where its fields are. Names that all formats share: `model`, `id`, `stopReason`,
   * `error`, `errorMessage`, `errorCode`. What the model wrote goes in the slots, for
   * answers that are cut before they tell.
   */
  fields: FieldNode;
  /** Names of which all values count, and not the last. */
  lists?: string[];
  /** Makes sense of what was told. */
  read(told: Told): ToldUsage;
}

/** Nothing. */
export const NO_TOKENS: TokenUsage = {
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
};
