import type { WireFormat } from '@prompt-corner/plugin-ai-proxy-common';
import {
  countOf,
  Fields,
  fieldsOf,
  isGiven,
  itemsOf,
  limitOf,
  looseCountOf,
  textOf,
} from './fields';
import type { InferenceRequest } from './InferenceRequest';
import { RefusedError } from './refusal';

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

/** All that several answers may have. */
function written(
  limit: number | undefined,
  choices: number = 1,
): Pick<Facts, 'maxOutputTokens' | 'choices'> {
  return {
    // Some servers take 0 for no limit.
    maxOutputTokens: limit ? limit * Math.max(1, choices) : undefined,
    ...(choices > 1 && { choices }),
  };
}

type Reasoning = Pick<Facts, 'effort' | 'reasoningTokens'>;

function reasoning(
  effort: string | undefined,
  tokens: number | undefined,
): Reasoning {
  if (tokens === undefined) {
    return { effort };
  }
  return effort === undefined
    ? { effort: `budget:${tokens}` }
    : { effort, reasoningTokens: tokens };
}

function anthropicReasoning(body: Fields): Reasoning {
  const thinking = fieldsOf(body.thinking);
  return reasoning(
    textOf(fieldsOf(body.output_config).effort),
    thinking.type === 'enabled' ? countOf(thinking.budget_tokens) : undefined,
  );
}

/** Servers that are compatible to OpenAI's have further places for it. */
function chatReasoning(body: Fields): Reasoning {
  const { effort, max_tokens } = fieldsOf(body.reasoning);
  const given = textOf(body.reasoning_effort);
  const other = textOf(effort);
  if (given !== undefined && other !== undefined && given !== other) {
    throw ambiguous('reasoning_effort', 'reasoning.effort');
  }
  return reasoning(
    given ?? other,
    limitOf(max_tokens, fieldsOf(body.thinking).budget_tokens),
  );
}

function googleReasoning(config: Fields): Reasoning {
  const thinking = fieldsOf(
    either(config, 'thinkingConfig', 'thinking_config'),
  );
  const budget = either(thinking, 'thinkingBudget', 'thinking_budget');
  return reasoning(
    textOf(either(thinking, 'thinkingLevel', 'thinking_level'))?.toLowerCase(),
    // As much as it likes.
    Number(budget) === -1 ? -1 : looseCountOf(budget),
  );
}

/**
 * A member that has two names in Gemini's API.
 *
 * @throws RefusedError when it is there by both, as nobody knows which one counts
 */
function either(fields: Fields, name: string, other: string): unknown {
  if (isGiven(fields[name]) && isGiven(fields[other])) {
    throw ambiguous(name, other);
  }
  return fields[name] ?? fields[other];
}

function ambiguous(name: string, other: string): RefusedError {
  return new RefusedError({
    status: 400,
    reason: 'ambiguous',
    message: `"${name}" and "${other}" are the same, and both are there. Send one of them`,
  });
}

/** A list, which Gemini's API takes without brackets where it has one element. */
function listOf(value: unknown): unknown[] {
  if (Array.isArray(value)) {
    return value;
  }
  return isGiven(value) ? [value] : [];
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
const CLIENT_RUN =
  /^(?:bash|text_editor|(?:computer|browser)(?:_toolset)?|memory)_\d/;

function anthropicTools(body: Fields): Tools {
  const { tools, serverTools } = toolsOf(toolsIn(body), tool => {
    const type = textOf(tool.type);
    return type === undefined || type === 'custom' || CLIENT_RUN.test(type)
      ? { own: textOf(tool.name) ?? (type && withoutDate(type)) }
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

/**
 * Tools of a request, also those that it brings in the middle of a conversation
 * (items `additional_tools` and `tool_search_output` of the Responses API, and
 * `tool_addition` of Anthropic's), and those in a namespace.
 */
export function toolsIn(body: Fields): Fields[] {
  const added = itemsOf(body.messages)
    .flatMap(message => itemsOf(fieldsOf(message).content))
    .map(block => fieldsOf(fieldsOf(block).tool).definition)
    .filter(isGiven);
  return [body, ...itemsOf(body.input)]
    .flatMap(holder => itemsOf(fieldsOf(holder).tools))
    .concat(added)
    .map(fieldsOf)
    .flatMap(tool =>
      tool.type === 'namespace' ? itemsOf(tool.tools).map(fieldsOf) : [tool],
    );
}

function googleTools(value: unknown): Tools {
  const tools: string[] = [];
  const serverTools: string[] = [];
  for (const item of listOf(value)) {
    for (const [name, inner] of Object.entries(fieldsOf(item))) {
      if (/^function_?declarations$/i.test(name)) {
        tools.push(
          ...listOf(inner)
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
const PART_TYPES = new Map([
  ['image', 'image'],
  ['image_url', 'image'],
  ['input_image', 'image'],
  ['computer_screenshot', 'image'],
  ['document', 'file'],
  ['file', 'file'],
  ['input_file', 'file'],
  ['container_upload', 'file'],
  ['input_audio', 'audio'],
  ['audio_url', 'audio'],
  ['audio', 'audio'],
  ['video_url', 'video'],
]);

/** Where parts have parts: messages, results of tools, documents. */
const WITHIN = [
  'content',
  'parts',
  'output',
  'source',
  'functionResponse',
  'function_response',
];

/** Deeper than any API nests parts. */
const MAX_PART_DEPTH = 16;

function modalitiesOf(...messages: unknown[]): string[] {
  const found = new Set<string>();
  collectModalities(messages, found, 0);
  return [...found];
}

function collectModalities(
  value: unknown,
  found: Set<string>,
  depth: number,
): void {
  if (typeof value !== 'object' || value === null || depth > MAX_PART_DEPTH) {
    return;
  }
  if (Array.isArray(value)) {
    value.forEach(item => collectModalities(item, found, depth + 1));
    return;
  }
  const fields = value as Fields;
  const kind =
    PART_TYPES.get(typeOf(fields)) ??
    mediaOf(fields.inlineData ?? fields.inline_data) ??
    mediaOf(fields.fileData ?? fields.file_data);
  if (kind) {
    found.add(kind);
  }
  for (const name of WITHIN) {
    collectModalities(fields[name], found, depth + 1);
  }
}

/** Some servers tell the type of a part by its member (vLLM). */
function typeOf(part: Fields): string {
  return isGiven(part.type)
    ? textOf(part.type) ?? ''
    : Object.keys(part).find(
        name => PART_TYPES.has(name) && isGiven(part[name]),
      ) ?? '';
}

function mediaOf(data: unknown): string | undefined {
  const { mimeType, mime_type } = fieldsOf(data);
  const type = textOf(mimeType ?? mime_type);
  const [, media] = /^(image|audio|video)\//.exec(type ?? '') ?? [];
  return media ?? (isGiven(data) ? 'file' : undefined);
}

/** Prompts that are completed at once: texts, or one or more lists of tokens. */
function promptsIn(prompt: unknown): number {
  return Array.isArray(prompt) && typeof prompt[0] !== 'number'
    ? Math.max(1, prompt.length)
    : 1;
}

/** Reads the body of a request in each format. */
export const FACT_READERS: Record<WireFormat, (body: Fields) => Facts> = {
  'anthropic-messages': body => ({
    ...written(countOf(body.max_tokens)),
    ...anthropicReasoning(body),
    ...anthropicTools(body),
    modalities: modalitiesOf(body.messages),
    serviceTier: textOf(body.speed) ?? textOf(body.service_tier),
    background: false,
    store: isGiven(body.thread) ? true : undefined,
  }),
  'openai-chat': body => ({
    ...written(
      limitOf(body.max_completion_tokens, body.max_tokens),
      limitOf(body.n),
    ),
    ...chatReasoning(body),
    ...openAiTools(
      [
        ...itemsOf(body.tools),
        // As they were before there were tools.
        ...itemsOf(body.functions).map(tool => ({
          type: 'function',
          function: tool,
        })),
      ],
      body.web_search_options,
    ),
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
    ...written(limitOf(body.max_output_tokens)),
    effort: textOf(fieldsOf(body.reasoning).effort),
    ...openAiTools(toolsIn(body)),
    modalities: modalitiesOf(body.input),
    serviceTier: textOf(body.service_tier),
    background: body.background === true,
    store: typeof body.store === 'boolean' ? body.store : undefined,
  }),
  'openai-completions': body => ({
    ...NOTHING,
    ...written(
      limitOf(body.max_tokens),
      promptsIn(body.prompt) * (limitOf(body.n, body.best_of) ?? 1),
    ),
  }),
  'openai-embeddings': () => ({ ...NOTHING, maxOutputTokens: 0 }),
  'google-generate': body => {
    const config = fieldsOf(
      either(body, 'generationConfig', 'generation_config'),
    );
    return {
      ...written(
        limitOf(either(config, 'maxOutputTokens', 'max_output_tokens')),
        limitOf(either(config, 'candidateCount', 'candidate_count')),
      ),
      ...googleReasoning(config),
      ...googleTools(body.tools),
      modalities: modalitiesOf(
        body.contents,
        either(body, 'systemInstruction', 'system_instruction'),
      ),
      serviceTier: textOf(either(body, 'serviceTier', 'service_tier')),
      background: false,
    };
  },
  'google-embed': () => ({ ...NOTHING, maxOutputTokens: 0 }),
};
