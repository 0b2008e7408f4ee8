import {
  WIRE_FORMATS,
  WireFormat,
} from '@prompt-corner/plugin-ai-proxy-common';
import { PartMemory, Prompt, PromptPart } from '../../prompts';
import { PromptEstimate } from './PromptEstimate';
import { tokenizerFactor } from './tokenizerFactor';

// What frames a request.
const REQUEST_TOKENS = 8;

// What Anthropic adds to the prompt for tools to be used (313 to 346 tokens, by model).
const ANTHROPIC_TOOLS_TOKENS = 350;

/** How a part of a request is read: content, definitions of tools, or other JSON. */
type Kind = 'content' | 'tools' | 'json';

// Where each format has its prompt. A name has the same kind wherever it is.
const CONTENT = {
  'anthropic-messages': ['system', 'messages'],
  'openai-chat': ['messages'],
  'openai-responses': ['instructions', 'input', 'prompt'],
  'openai-completions': ['prompt', 'suffix'],
  'openai-embeddings': ['input'],
  'google-generate': ['systemInstruction', 'system_instruction', 'contents'],
  'google-embed': ['content', 'requests'],
};
const TOOLS: Partial<Record<WireFormat, string[]>> = {
  'anthropic-messages': ['tools'],
  'openai-chat': ['tools', 'functions'],
  'openai-responses': ['tools'],
  'google-generate': ['tools'],
};
const OTHER_JSON: Partial<Record<WireFormat, string[]>> = {
  'anthropic-messages': ['output_format', 'output_config'],
  'openai-chat': ['response_format'],
  'openai-responses': ['text'],
  'google-generate': ['generationConfig', 'generation_config'],
};

const KINDS = Object.fromEntries(
  WIRE_FORMATS.map(format => [
    format,
    new Map<string, Kind>([
      ...CONTENT[format].map(name => [name, 'content'] as const),
      ...(TOOLS[format] ?? []).map(name => [name, 'tools'] as const),
      ...(OTHER_JSON[format] ?? []).map(name => [name, 'json'] as const),
    ]),
  ]),
) as Record<WireFormat, Map<string, Kind>>;

/**
 * Estimates the input of requests, for reservations, and for answers that do not tell it.
 * Text, tools and schemas are counted as {@link estimateTokens} does, times what the
 * provider's tokenizer makes of them; pictures, recordings and files by kind and size, never
 * as the base64 that they come in. What a part of a prompt takes is remembered.
 *
 * What the provider keeps cannot be counted: earlier responses, conversations, cached
 * content and stored prompts that a request only names. Neither can what its tools will
 * read into the prompt.
 */
export class InputEstimates {
  readonly #tokens = new PartMemory<number>();

  /** @returns whole tokens; what is no request of the format counts as empty */
  of(prompt: Prompt, format: WireFormat): number {
    let tokens = REQUEST_TOKENS;
    for (const part of prompt.parts) {
      const kind = KINDS[format].get(part.list ?? part.member!);
      if (kind) {
        tokens += this.#tokensOf(part, kind);
      }
      if (
        kind === 'tools' &&
        format === 'anthropic-messages' &&
        hasItems(part.value)
      ) {
        tokens += ANTHROPIC_TOOLS_TOKENS;
      }
    }
    return Math.ceil(tokens * tokenizerFactor(format));
  }

  #tokensOf(part: PromptPart, kind: Kind): number {
    const known = this.#tokens.find(part);
    if (known !== undefined) {
      return known;
    }
    const tokens = estimate(part.value, kind);
    this.#tokens.remember(part, tokens);
    return tokens;
  }
}

function estimate(value: unknown, kind: Kind): number {
  const sum = new PromptEstimate();
  if (kind === 'content') {
    sum.addContent(value);
  } else if (kind === 'json') {
    sum.addJson(value);
  } else if (hasItems(value)) {
    sum.addTools(value);
  }
  return sum.tokens;
}

/** Gemini takes one without the brackets of a list, too. */
function hasItems(value: unknown): boolean {
  return Array.isArray(value)
    ? value.length > 0
    : typeof value === 'object' && value !== null;
}
