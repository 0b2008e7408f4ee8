import fc from 'fast-check';
import {
  WIRE_FORMATS,
  WireFormat,
} from '@prompt-corner/plugin-ai-proxy-common';
import { promptOf } from '../../prompts';
import { InputEstimates } from './InputEstimates';
import { estimateTokens } from './estimateTokens';

const TEXT = 'Which team owns the invoices, and who is on call? '.repeat(100);
const TOKENS = estimateTokens(TEXT);
const BASE64 = Buffer.alloc(300_000, 'picture').toString('base64');

function estimateInput(body: object, format: WireFormat): number {
  const prompt = promptOf(Buffer.from(JSON.stringify(body)));
  return new InputEstimates().of(prompt, format);
}

describe('InputEstimates', () => {
  it.each([
    ['openai-chat', { messages: [{ role: 'user', content: TEXT }] }],
    [
      'openai-chat',
      { messages: [{ role: 'user', content: [{ type: 'text', text: TEXT }] }] },
    ],
    ['openai-responses', { input: TEXT }],
    ['openai-responses', { instructions: TEXT, input: [] }],
    [
      'openai-responses',
      {
        input: [
          {
            type: 'message',
            role: 'user',
            content: [{ type: 'input_text', text: TEXT }],
          },
        ],
      },
    ],
    [
      'openai-responses',
      {
        input: [
          { type: 'function_call_output', call_id: 'call_1', output: TEXT },
        ],
      },
    ],
    ['openai-completions', { prompt: TEXT }],
    ['openai-embeddings', { input: [TEXT] }],
    [
      'google-generate',
      { contents: [{ role: 'user', parts: [{ text: TEXT }] }] },
    ],
    ['google-generate', { systemInstruction: { parts: [{ text: TEXT }] } }],
    ['google-embed', { content: { parts: [{ text: TEXT }] } }],
    [
      'google-embed',
      {
        requests: [{ model: 'models/m', content: { parts: [{ text: TEXT }] } }],
      },
    ],
  ] as const)(
    'counts the text of %s, and little for its frame: %#',
    (format, body) => {
      const estimate = estimateInput(body, format);

      expect(estimate).toBeGreaterThanOrEqual(TOKENS);
      expect(estimate).toBeLessThanOrEqual(TOKENS + 20);
    },
  );

  it.each([
    { system: TEXT },
    {
      system: [
        { type: 'text', text: TEXT, cache_control: { type: 'ephemeral' } },
      ],
    },
    { messages: [{ role: 'user', content: TEXT }] },
    {
      messages: [
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: 'toolu_1',
              content: [{ type: 'text', text: TEXT }],
            },
          ],
        },
      ],
    },
    {
      messages: [
        {
          role: 'assistant',
          content: [
            {
              type: 'tool_use',
              id: 'toolu_1',
              name: 'f',
              input: { text: TEXT },
            },
          ],
        },
      ],
    },
    {
      messages: [
        {
          role: 'user',
          content: [
            {
              type: 'document',
              source: { type: 'text', media_type: 'text/plain', data: TEXT },
            },
          ],
        },
      ],
    },
  ])('counts what the tokenizer of Claude may make of it: %#', body => {
    const estimate = estimateInput(body, 'anthropic-messages');

    expect(estimate).toBeGreaterThanOrEqual(TOKENS * 1.35);
    expect(estimate).toBeLessThanOrEqual((TOKENS + 30) * 1.35);
  });

  it('counts the definitions of tools, keys and all', () => {
    const tools = Array.from({ length: 20 }, (_, index) => ({
      name: `catalog_find_${index}`,
      description: 'Finds entities of the catalog by words of their names.',
      input_schema: {
        type: 'object',
        properties: { query: { type: 'string', description: 'Words' } },
        required: ['query'],
        additionalProperties: false,
      },
    }));
    const asJson = estimateTokens(JSON.stringify(tools));

    const estimate = estimateInput({ tools }, 'anthropic-messages') / 1.35;

    expect(estimate).toBeGreaterThanOrEqual(asJson + 350);
    expect(estimate).toBeLessThanOrEqual(asJson * 1.6 + 550);
  });

  it('counts definitions of tools that are no list', () => {
    const tools = {
      functionDeclarations: [{ name: 'find', description: TEXT }],
    };
    expect(estimateInput({ tools }, 'google-generate')).toBeGreaterThan(TOKENS);
  });

  it('counts prompts that come as tokens', () => {
    const prompt = Array.from({ length: 500 }, (_, index) => index);

    expect(estimateInput({ prompt }, 'openai-completions')).toBe(508);
  });

  it('takes sealed reasoning for what it seals, not for text', () => {
    const estimate = estimateInput(
      { input: [{ type: 'reasoning', encrypted_content: BASE64 }] },
      'openai-responses',
    );

    expect(estimate).toBeCloseTo(BASE64.length / 4 + 8, -2);
  });

  it('takes anything', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...WIRE_FORMATS),
        fc.dictionary(
          fc.constantFrom(
            'messages',
            'input',
            'contents',
            'tools',
            'system',
            'prompt',
            'content',
          ),
          fc.jsonValue(),
        ),
        (format, body) => {
          expect(estimateInput(body, format)).toBeGreaterThan(0);
        },
      ),
    );
  });

  it('counts a conversation with each turn as it does at once', () => {
    const messages = Array.from({ length: 8 }, (_, index) => ({
      role: index % 2 ? 'assistant' : 'user',
      content: `${index} ${TEXT}`,
    }));
    const tools = [{ name: 'find', description: TEXT }];
    const estimates = new InputEstimates();
    for (let turns = 1; turns <= messages.length; turns++) {
      const body = { tools, messages: messages.slice(0, turns) };
      const prompt = promptOf(Buffer.from(JSON.stringify(body)));

      expect(estimates.of(prompt, 'openai-chat')).toBe(
        estimateInput(body, 'openai-chat'),
      );
    }
  });

  it('does not run out of stack', () => {
    const deep = `${'['.repeat(100_000)}"deep"${']'.repeat(100_000)}`;
    const prompt = promptOf(
      Buffer.from(`{"messages":${deep},"tools":[${deep}]}`),
    );

    expect(new InputEstimates().of(prompt, 'openai-chat')).toBeGreaterThan(0);
  });
});
