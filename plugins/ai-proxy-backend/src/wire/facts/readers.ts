import type { WireFormat } from '@prompt-corner/plugin-ai-proxy-common';
import type { Fields } from '../fields';
import { readAnthropicMessages } from './anthropicMessages';
import { Facts, NOTHING } from './Facts';
import { readGoogle } from './google';
import { readOpenaiChat } from './openaiChat';
import { readOpenaiCompletions } from './openaiCompletions';
import { readOpenaiResponses } from './openaiResponses';

/** Embeddings write nothing. */
const readEmbeddings = (): Facts => ({ ...NOTHING, maxOutputTokens: 0 });

/** Reads the body of a request in each format. */
export const FACT_READERS: Record<WireFormat, (body: Fields) => Facts> = {
  'anthropic-messages': readAnthropicMessages,
  'openai-chat': readOpenaiChat,
  'openai-responses': readOpenaiResponses,
  'openai-completions': readOpenaiCompletions,
  'openai-embeddings': readEmbeddings,
  'google-generate': readGoogle,
  'google-embed': readEmbeddings,
};
