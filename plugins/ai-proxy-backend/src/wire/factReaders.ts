import type { WireFormat } from '@prompt-corner/plugin-ai-proxy-common';
import { countOf, Fields, fieldsOf, isGiven, itemsOf, textOf } from './fields';
import type { InferenceRequest } from './InferenceRequest';

/** What the body of a request says, but for its model. */
export type Facts = Omit<
  InferenceRequest,
  'api' | 'format' | 'model' | 'references' | 'streaming'
>;

/** Policy reads no more of them. */
const MAX_TOOLS = 512;

const NOTHING: Facts = {
  tools: [],
  serverTools: [],
  modalities: [],
  background: false,
};

/**
 * The most that may be written. Of several limits the highest counts, as some servers
 * know only the older one; 0 is none, as some take it for no limit.
 */
function outputOf(
  limits: unknown[],
  choices = 1,
): Pick<Facts, 'maxOutputTokens' | 'choices'> {
  const limit = Math.max(...limits.map(one => countOf(one) ?? 0));
  return {
    maxOutputTokens: limit > 0 ? limit * Math.max(1, choices) : undefined,
    ...(choices > 1 && { choices }),
  };
}

/** A list of texts, or of lists of tokens, is answered one by one. */
function promptsIn(prompt: unknown): number {
  const prompts = itemsOf(prompt).filter(item => typeof item !== 'number');
  return Math.max(1, prompts.length);
}

function anthropicEffort(body: Fields): string | undefined {
  const effort = textOf(fieldsOf(body.output_config).effort);
  if (effort !== undefined) {
    return effort;
  }
  const thinking = fieldsOf(body.thinking);
  const budget = countOf(thinking.budget_tokens);
  return thinking.type === 'enabled' && budget !== undefined
    ? `budget:${budget}`
    : undefined;
}

function googleEffort(config: Fields): string | undefined {
  const thinking = fieldsOf(config.thinkingConfig ?? config.thinking_config);
  const level = textOf(thinking.thinkingLevel ?? thinking.thinking_level);
  const budget = countOf(thinking.thinkingBudget ?? thinking.thinking_budget);
  return (
    level?.toLowerCase() ??
    (budget === undefined ? undefined : `budget:${budget}`)
  );
}

type Tools = Pick<Facts, 'tools' | 'serverTools'>;

function toolsOf(
  value: unknown,
  read: (tool: Fields) => { own?: string; server?: string },
): Tools {
  const tools: string[] = [];
  const serverTools: string[] = [];
  for (const item of itemsOf(value)) {
    const { own, server } = read(fieldsOf(item));
    if (own !== undefined && tools.length < MAX_TOOLS) {
      tools.push(own);
    }
    if (server !== undefined) {
      serverTools.push(withoutDate(server));
    }
  }
  return { tools, serverTools: [...new Set(serverTools)] };
}

/** `web_search_20250305` and `web_search_preview_2025_03_11` are both a `web_search`, as policies name it. */
function withoutDate(type: string): string {
  return type.replace(/(?:_preview)?_(?:\d{8}|\d{4}_\d{2}_\d{2})$/, '');
}

/** Types of tools that Anthropic describes and clients run. */
const CLIENT_RUN = /^(?:bash|text_editor|computer|memory)_\d/;

function anthropicTools(body: Fields): Tools {
  const { tools, serverTools } = toolsOf(body.tools, tool => {
    const type = textOf(tool.type);
    return type === undefined || type === 'custom' || CLIENT_RUN.test(type)
      ? { own: textOf(tool.name) }
      : { server: type };
  });
  const asksServers = itemsOf(body.mcp_servers).length > 0;
  return {
    tools,
    serverTools: asksServers ? [...serverTools, 'mcp'] : serverTools,
  };
}

function openAiTools(value: unknown, webSearch?: unknown): Tools {
  const found = toolsOf(value, tool => {
    const type = textOf(tool.type);
    return type === 'function' || type === 'custom'
      ? { own: textOf(tool.name) ?? textOf(fieldsOf(tool.function).name) }
      : { server: type };
  });
  return isGiven(webSearch)
    ? { ...found, serverTools: [...found.serverTools, 'web_search'] }
    : found;
}

function googleTools(value: unknown): Tools {
  const tools: string[] = [];
  const serverTools: string[] = [];
  for (const item of itemsOf(value)) {
    for (const [name, inner] of Object.entries(fieldsOf(item))) {
      if (/^function_?declarations$/i.test(name)) {
        tools.push(
          ...itemsOf(inner)
            .map(one => textOf(fieldsOf(one).name))
            .filter(one => one !== undefined),
        );
      } else {
        serverTools.push(snakeCase(name));
      }
    }
  }
  return { tools: tools.slice(0, MAX_TOOLS), serverTools };
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);
}

/** Types of parts, as the APIs name them. */
const PART_TYPES: Record<string, string> = {
  image: 'image',
  image_url: 'image',
  input_image: 'image',
  document: 'file',
  file: 'file',
  input_file: 'file',
  container_upload: 'file',
  input_audio: 'audio',
  audio: 'audio',
  video_url: 'video',
};

function modalitiesOf(messages: unknown): string[] {
  const found = new Set<string>();
  for (const message of itemsOf(messages)) {
    const { content, parts } = fieldsOf(message);
    for (const part of [message, ...itemsOf(content), ...itemsOf(parts)]) {
      const fields = fieldsOf(part);
      const kind =
        PART_TYPES[textOf(fields.type) ?? ''] ??
        mediaOf(fields.inlineData ?? fields.inline_data) ??
        mediaOf(fields.fileData ?? fields.file_data);
      if (kind) {
        found.add(kind);
      }
    }
  }
  return [...found];
}

function mediaOf(data: unknown): string | undefined {
  const { mimeType, mime_type } = fieldsOf(data);
  const type = textOf(mimeType ?? mime_type);
  const [, media] = /^(image|audio|video)\//.exec(type ?? '') ?? [];
  return media ?? (isGiven(data) ? 'file' : undefined);
}

/** Reads the body of a request in each format. */
export const FACT_READERS: Record<WireFormat, (body: Fields) => Facts> = {
  'anthropic-messages': body => ({
    ...outputOf([body.max_tokens]),
    effort: anthropicEffort(body),
    ...anthropicTools(body),
    modalities: modalitiesOf(body.messages),
    serviceTier: textOf(body.speed) ?? textOf(body.service_tier),
    background: false,
  }),
  'openai-chat': body => ({
    ...outputOf([body.max_completion_tokens, body.max_tokens], countOf(body.n)),
    effort: textOf(body.reasoning_effort),
    ...openAiTools(body.tools, body.web_search_options),
    modalities: [
      ...new Set([
        ...modalitiesOf(body.messages),
        ...itemsOf(body.modalities)
          .map(textOf)
          .filter(item => item !== undefined && item !== 'text'),
      ]),
    ] as string[],
    serviceTier: textOf(body.service_tier),
    background: false,
    store: typeof body.store === 'boolean' ? body.store : undefined,
  }),
  'openai-responses': body => ({
    ...outputOf([body.max_output_tokens]),
    effort: textOf(fieldsOf(body.reasoning).effort),
    ...openAiTools(body.tools),
    modalities: modalitiesOf(body.input),
    serviceTier: textOf(body.service_tier),
    background: body.background === true,
    store: typeof body.store === 'boolean' ? body.store : undefined,
  }),
  'openai-completions': body => ({
    ...NOTHING,
    ...outputOf(
      [body.max_tokens],
      promptsIn(body.prompt) *
        Math.max(1, countOf(body.n) ?? 1, countOf(body.best_of) ?? 1),
    ),
  }),
  'openai-embeddings': () => ({ ...NOTHING, maxOutputTokens: 0 }),
  'google-generate': body => {
    const config = fieldsOf(body.generationConfig ?? body.generation_config);
    return {
      ...outputOf(
        [config.maxOutputTokens, config.max_output_tokens],
        countOf(config.candidateCount ?? config.candidate_count),
      ),
      effort: googleEffort(config),
      ...googleTools(body.tools),
      modalities: modalitiesOf(body.contents),
      serviceTier: textOf(body.serviceTier ?? body.service_tier),
      background: false,
    };
  },
  'google-embed': () => ({ ...NOTHING, maxOutputTokens: 0 }),
};
