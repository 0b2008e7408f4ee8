import type { WireFormat } from '@prompt-corner/plugin-ai-proxy-common';
import { anthropicMessages } from './anthropicMessages';
import type { Format } from './Format';
import { googleEmbed, googleGenerate } from './google';
import { openaiChat } from './openaiChat';
import { openaiEmbeddings } from './openaiEmbeddings';
import { openaiResponses } from './openaiResponses';

/** How the usage of each wire format is read. */
export const FORMATS: Record<WireFormat, Format> = {
  'anthropic-messages': anthropicMessages,
  'openai-chat': openaiChat,
  'openai-completions': openaiChat,
  'openai-responses': openaiResponses,
  'openai-embeddings': openaiEmbeddings,
  'google-generate': googleGenerate,
  'google-embed': googleEmbed,
};
