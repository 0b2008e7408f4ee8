import { setTimeout as sleep } from 'node:timers/promises';
import {
  MissingRequiredClientCapabilityError,
  ServerContext,
} from '@modelcontextprotocol/server';
import { AUDIO, embedded, IMAGE, NO_ARGUMENTS, text } from './media';

/** A tool of the fixture, as it is listed, with what it does. */
export interface EverythingTool {
  name: string;
  description: string;
  inputSchema: object;
  [field: string]: unknown;
  run(
    args: Record<string, unknown>,
    ctx: ServerContext,
    server: EverythingState,
  ): Promise<object> | object;
}

/** What tools can change, of all connections. */
export interface EverythingState {
  era: 'legacy' | 'modern';
  /** Of the client of this request. */
  capabilities(ctx: ServerContext): Record<string, unknown>;
  /** Adds a tool to the list, or takes it away again. */
  changeTools(): void;
  changePrompts(): void;
  changeResource(uri: string): void;
}

/** As the suite compares it. */
const JSON_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: {
    properties: { contactMethod: { const: 'phone' } },
    required: ['contactMethod'],
  },
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
};

/** Long enough that messages are sent one by one. */
const STEP_MS = 50;

/** Tools that answer by themselves, without asking the client anything. */
export const tools: EverythingTool[] = [
  {
    name: 'test_simple_text',
    description: 'Answers with text',
    inputSchema: NO_ARGUMENTS,
    run: () => ({
      content: [text('This is a simple text response for testing.')],
    }),
  },
  {
    name: 'test_image_content',
    description: 'Answers with an image',
    inputSchema: NO_ARGUMENTS,
    run: () => ({ content: [IMAGE] }),
  },
  {
    name: 'test_audio_content',
    description: 'Answers with a recording',
    inputSchema: NO_ARGUMENTS,
    run: () => ({ content: [AUDIO] }),
  },
  {
    name: 'test_embedded_resource',
    description: 'Answers with a resource',
    inputSchema: NO_ARGUMENTS,
    run: () => ({
      content: [
        embedded(
          'test://embedded-resource',
          'text/plain',
          'This is an embedded resource content.',
        ),
      ],
    }),
  },
  {
    name: 'test_multiple_content_types',
    description: 'Answers with text, an image and a resource',
    inputSchema: NO_ARGUMENTS,
    run: () => ({
      content: [
        text('Multiple content types test:'),
        IMAGE,
        embedded(
          'test://mixed-content-resource',
          'application/json',
          JSON.stringify({ test: 'data', value: 123 }),
        ),
      ],
    }),
  },
  {
    name: 'test_tool_with_logging',
    description: 'Sends messages while it works',
    inputSchema: NO_ARGUMENTS,
    run: async (_, ctx) => {
      await ctx.mcpReq.log('info', 'Tool execution started');
      await sleep(STEP_MS);
      await ctx.mcpReq.log('info', 'Tool processing data');
      await sleep(STEP_MS);
      await ctx.mcpReq.log('info', 'Tool execution completed');
      return { content: [text('Sent three messages')] };
    },
  },
  {
    name: 'test_logging_tool',
    description: 'Sends one message to who wants messages',
    inputSchema: NO_ARGUMENTS,
    run: async (_, ctx) => {
      await ctx.mcpReq.log('info', 'A message');
      return { content: [text('Sent a message')] };
    },
  },
  {
    name: 'test_error_handling',
    description: 'Fails',
    inputSchema: NO_ARGUMENTS,
    run: () => ({
      content: [text('This tool intentionally returns an error for testing')],
      isError: true,
    }),
  },
  {
    name: 'test_tool_with_progress',
    description: 'Tells how far it is',
    inputSchema: NO_ARGUMENTS,
    run: async (_, ctx) => {
      for (const progress of [0, 50, 100]) {
        await tellProgress(ctx, progress);
        await sleep(STEP_MS);
      }
      return { content: [text('Told it three times')] };
    },
  },
  {
    name: 'test_reconnection',
    description: 'Ends the stream, and answers on the next one',
    inputSchema: NO_ARGUMENTS,
    run: async (_, ctx) => {
      ctx.http?.closeSSE?.();
      await sleep(2 * STEP_MS);
      return { content: [text('Reconnection test completed')] };
    },
  },
  {
    name: 'json_schema_2020_12_tool',
    description: 'Has a schema with many keywords',
    inputSchema: JSON_SCHEMA,
    run: args => ({ content: [text(JSON.stringify(args))] }),
  },
  {
    name: 'test_header_arguments',
    description: 'Has an argument that is a header too',
    inputSchema: {
      type: 'object',
      properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
      required: ['region'],
    },
    run: ({ region }) => ({ content: [text(String(region))] }),
  },
  {
    name: 'test_missing_capability',
    description: 'Needs a client that can sample',
    inputSchema: NO_ARGUMENTS,
    run: (_, ctx, { capabilities }) => {
      if (!capabilities(ctx).sampling) {
        throw new MissingRequiredClientCapabilityError({
          requiredCapabilities: { sampling: {} },
        });
      }
      return { content: [text('Success')] };
    },
  },
  {
    name: 'test_trigger_tool_change',
    description: 'Changes the list of tools',
    inputSchema: NO_ARGUMENTS,
    run: (_, _ctx, server) => {
      server.changeTools();
      return { content: [text('Changed')] };
    },
  },
  {
    name: 'test_trigger_prompt_change',
    description: 'Changes the list of prompts',
    inputSchema: NO_ARGUMENTS,
    run: (_, _ctx, server) => {
      server.changePrompts();
      return { content: [text('Changed')] };
    },
  },
  {
    name: 'test_trigger_resource_change',
    description: 'Changes a resource',
    inputSchema: {
      type: 'object',
      properties: { uri: { type: 'string' } },
      required: ['uri'],
    },
    run: ({ uri }, _ctx, server) => {
      server.changeResource(String(uri));
      return { content: [text('Changed')] };
    },
  },
];

/** Tells the client how far the tool is, if it wants to know. */
export async function tellProgress(
  ctx: ServerContext,
  progress: number,
): Promise<void> {
  const progressToken = ctx.mcpReq._meta?.progressToken;
  if (progressToken !== undefined) {
    await ctx.mcpReq.notify({
      method: 'notifications/progress',
      params: { progressToken, progress, total: 100 },
    });
  }
}
