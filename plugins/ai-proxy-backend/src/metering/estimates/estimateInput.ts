import type { WireFormat } from '@prompt-corner/plugin-ai-proxy-common';
import { PromptEstimate } from './PromptEstimate';
import { tokenizerFactor } from './tokenizerFactor';

type JsonObject = Record<string, unknown>;

// What frames a request.
const REQUEST_TOKENS = 8;

// What Anthropic adds to the prompt for tools to be used (313 to 346 tokens, by model).
const ANTHROPIC_TOOLS_TOKENS = 350;

// Where each format has its prompt: content, definitions of tools, and other JSON.
const PARTS: Record<
  WireFormat,
  { content: string[]; tools?: string[]; json?: string[] }
> = {
  'anthropic-messages': {
    content: ['system', 'messages'],
    tools: ['tools'],
    json: ['output_format', 'output_config'],
  },
  'openai-chat': {
    content: ['messages'],
    tools: ['tools', 'functions'],
    json: ['response_format'],
  },
  'openai-responses': {
    content: ['instructions', 'input', 'prompt'],
    tools: ['tools'],
    json: ['text'],
  },
  'openai-completions': { content: ['prompt', 'suffix'] },
  'openai-embeddings': { content: ['input'] },
  'google-generate': {
    content: ['systemInstruction', 'system_instruction', 'contents'],
    tools: ['tools'],
    json: ['generationConfig', 'generation_config'],
  },
  'google-embed': { content: ['content', 'requests'] },
};

/**
 * Estimates the input of a request, for reservations, and for answers that do not tell it.
 * Text, tools and schemas are counted as {@link estimateTokens} does, times what the
 * provider's tokenizer makes of them; pictures, recordings and files by kind and size, never
 * as the base64 that they come in.
 *
 * What the provider keeps cannot be counted: earlier responses, conversations, cached
 * content and stored prompts that a request only names. Neither can what its tools will
 * read into the prompt.
 *
 * @param body - the request, parsed; anything that is not a request of the format counts as empty
 * @returns whole tokens
 */
export function estimateInput(body: unknown, format: WireFormat): number {
  const request = (
    typeof body === 'object' && body !== null ? body : {}
  ) as JsonObject;
  const { content, tools = [], json = [] } = PARTS[format];
  const estimate = new PromptEstimate();
  estimate.addTokens(REQUEST_TOKENS);
  for (const part of content) {
    estimate.addContent(request[part]);
  }
  for (const part of tools.filter(key => hasItems(request[key]))) {
    estimate.addTools(request[part]);
    if (format === 'anthropic-messages') {
      estimate.addTokens(ANTHROPIC_TOOLS_TOKENS);
    }
  }
  for (const part of json.filter(key => request[key] !== undefined)) {
    estimate.addJson(request[part]);
  }
  return Math.ceil(estimate.tokens * tokenizerFactor(format));
}

function hasItems(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}
