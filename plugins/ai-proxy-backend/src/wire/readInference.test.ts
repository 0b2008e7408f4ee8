import type {
  ApiName,
  WireFormat,
} from '@prompt-corner/plugin-ai-proxy-common';
import { JsonText } from '../json';
import type { Fields } from './fields';
import type { InferenceRequest } from './InferenceRequest';
import { readInference } from './readInference';

function textOf(json: string): JsonText {
  return new JsonText(Buffer.from(json), JSON.parse(json));
}

function read(
  format: WireFormat,
  body: Fields,
  inPath?: { model: string; streaming: boolean },
) {
  const api: ApiName = format.startsWith('anthropic') ? 'anthropic' : 'openai';
  const json = JSON.stringify({ model: 'm', ...body });
  return readInference(api, format, textOf(json), inPath);
}

describe('readInference', () => {
  it('reads a request of Anthropic', () => {
    expect(
      read('anthropic-messages', {
        model: 'claude-opus-4-5',
        stream: true,
        max_tokens: 1024,
        thinking: { type: 'enabled', budget_tokens: 2000 },
        speed: 'fast',
        tools: [
          { name: 'read_file', input_schema: {} },
          { type: 'web_search_20250305', name: 'web_search' },
        ],
        mcp_servers: [{ url: 'https://mcp.example' }],
        messages: [
          {
            role: 'user',
            content: [{ type: 'image', source: {} }, { type: 'text' }],
          },
        ],
      }),
    ).toMatchObject({
      model: 'claude-opus-4-5',
      streaming: true,
      maxOutputTokens: 1024,
      effort: 'budget:2000',
      serviceTier: 'fast',
      tools: ['read_file'],
      serverTools: ['web_search', 'mcp'],
      modalities: ['image'],
    });
  });

  it.each<[WireFormat, Fields, Partial<InferenceRequest>]>([
    [
      'anthropic-messages',
      {
        output_config: { effort: 'low' },
        thinking: { type: 'enabled', budget_tokens: 60_000 },
      },
      { effort: 'low', reasoningTokens: 60_000 },
    ],
    [
      'openai-chat',
      { reasoning: { effort: 'high', max_tokens: 9_000 } },
      { effort: 'high', reasoningTokens: 9_000 },
    ],
    [
      'openai-chat',
      { thinking: { type: 'enabled', budget_tokens: 9_000 } },
      { effort: 'budget:9000' },
    ],
    [
      'google-generate',
      { generationConfig: { thinkingConfig: { thinkingBudget: -1 } } },
      { effort: 'budget:-1' },
    ],
    [
      'google-generate',
      {
        generation_config: {
          thinking_config: { thinking_level: 'LOW', thinking_budget: '9000' },
        },
      },
      { effort: 'low', reasoningTokens: 9_000 },
    ],
  ])('reads how much %s reasons in %j', (format, body, expected) => {
    expect(read(format, body)).toMatchObject(expected);
  });

  it.each<[WireFormat, Fields]>([
    [
      'google-generate',
      { generationConfig: {}, generation_config: { maxOutputTokens: 9 } },
    ],
    [
      'google-generate',
      { generationConfig: { maxOutputTokens: 1, max_output_tokens: 9 } },
    ],
    ['openai-chat', { reasoning_effort: 'low', reasoning: { effort: 'high' } }],
  ])('refuses what %s says twice, by different names: %j', (format, body) => {
    expect(() => read(format, body)).toThrow(/are the same/);
  });

  it.each<[WireFormat, Fields, Partial<InferenceRequest>]>([
    ['openai-chat', { n: 8 }, { choices: 8, maxOutputTokens: undefined }],
    ['openai-chat', { n: '8', max_tokens: '9' }, { maxOutputTokens: 72 }],
    // Ollama reads the one, vLLM the other.
    [
      'openai-chat',
      { max_completion_tokens: 1, max_tokens: 5_000 },
      { maxOutputTokens: 5_000 },
    ],
    ['openai-chat', { max_tokens: 0 }, { maxOutputTokens: undefined }],
    [
      'openai-completions',
      { prompt: ['a', 'b', 'c'], n: 2, max_tokens: 10 },
      { maxOutputTokens: 60 },
    ],
    [
      'openai-completions',
      { prompt: [1, 2, 3], max_tokens: 10 },
      { maxOutputTokens: 10 },
    ],
    [
      'google-generate',
      { generationConfig: { candidateCount: '3', maxOutputTokens: '50' } },
      { maxOutputTokens: 150 },
    ],
  ])('counts all that %s may write: %j', (format, body, expected) => {
    expect(read(format, body)).toMatchObject(expected);
  });

  it.each<[WireFormat, Fields, Partial<InferenceRequest>]>([
    ['openai-chat', { functions: [{ name: 'shell' }] }, { tools: ['shell'] }],
    [
      'google-generate',
      { tools: { googleSearch: {}, functionDeclarations: { name: 'look' } } },
      { tools: ['look'], serverTools: ['google_search'] },
    ],
    [
      'openai-responses',
      {
        tools: [
          { type: 'web_search' },
          {
            type: 'namespace',
            name: 'agents',
            tools: [{ type: 'function', name: 'spawn' }],
          },
        ],
        input: [
          { type: 'message', content: 'Go on' },
          {
            type: 'additional_tools',
            role: 'developer',
            tools: [{ type: 'mcp', server_url: 'https://mcp.example' }],
          },
          {
            type: 'tool_search_output',
            tools: [
              { type: 'image_generation', model: 'gpt-image-2' },
              { type: 'custom', name: 'patch' },
            ],
          },
        ],
      },
      {
        tools: ['spawn', 'patch'],
        serverTools: ['web_search', 'mcp', 'image_generation'],
        others: [{ model: 'gpt-image-2' }],
      },
    ],
    [
      'anthropic-messages',
      {
        tools: [{ type: 'browser_toolset_20260801' }, { name: 'Read' }],
        messages: [
          { role: 'user', content: 'Hello' },
          {
            role: 'system',
            content: [
              {
                type: 'tool_addition',
                tool: {
                  type: 'tool_definition',
                  definition: {
                    type: 'advisor_20260301',
                    name: 'advisor',
                    model: 'claude-opus-4-5',
                  },
                },
              },
              {
                type: 'tool_addition',
                tool: { type: 'tool_definition', definition: { name: 'Bash' } },
              },
            ],
          },
        ],
      },
      {
        tools: ['browser_toolset', 'Read', 'Bash'],
        serverTools: ['advisor'],
        others: [{ model: 'claude-opus-4-5' }],
      },
    ],
  ])('finds tools of %s wherever it takes them: %j', (format, body, found) => {
    expect(read(format, body)).toMatchObject(found);
  });

  const IMAGE = { type: 'image', source: {} };

  it.each<[WireFormat, Fields, string[]]>([
    [
      'anthropic-messages',
      { messages: [{ content: [{ type: 'tool_result', content: [IMAGE] }] }] },
      ['image'],
    ],
    [
      'openai-responses',
      {
        input: [
          { type: 'function_call_output', output: [{ type: 'input_image' }] },
          { type: 'message', content: [{ type: 'constructor' }] },
        ],
      },
      ['image'],
    ],
    [
      'openai-chat',
      {
        messages: [
          { role: 'assistant', content: 'x', audio: null },
          { content: [{ image_url: 'https://x' }] },
        ],
      },
      ['image'],
    ],
    [
      'google-generate',
      { contents: { parts: { inlineData: { mimeType: 'video/mp4' } } } },
      ['video'],
    ],
    [
      'google-generate',
      {
        contents: [
          {
            parts: [
              {
                functionResponse: {
                  parts: [{ inlineData: { mimeType: 'image/png' } }],
                },
              },
            ],
          },
        ],
      },
      ['image'],
    ],
  ])('finds what %s has besides text in %j', (format, body, modalities) => {
    expect(read(format, body)).toMatchObject({ modalities });
  });

  it('reads what is asked of models to fall back to', () => {
    const { others } = read('anthropic-messages', {
      max_tokens: 10,
      output_config: { effort: 'low' },
      fallbacks: [
        { model: 'one', max_tokens: 20, output_config: { effort: 'max' } },
        { model: 'two' },
      ],
    });
    expect(others).toMatchObject([
      { model: 'one', maxOutputTokens: 20, effort: 'max' },
      { model: 'two', maxOutputTokens: 10, effort: 'low' },
    ]);
    expect(
      read('openai-chat', {
        context_window_fallbacks: [{ m: ['n', 'o'] }],
      }).others!.map(({ model }) => model),
    ).toEqual(['n', 'o']);
    expect(() =>
      read('openai-chat', { models: Array.from({ length: 17 }, () => 'x') }),
    ).toThrow('17 further models');
  });

  it('reads no request again for each of too many models', () => {
    let readings = 0;
    const value = {
      model: 'm',
      models: Array.from({ length: 10_000 }, () => 'x'),
      get messages() {
        readings++;
        return [];
      },
    };
    const text = new JsonText(Buffer.from(JSON.stringify(value)), value);
    readings = 0;
    expect(() => readInference('openai', 'openai-chat', text)).toThrow(
      '10000 further models',
    );
    expect(readings).toBeLessThan(20);
  });

  it('counts all choices of a chat completion', () => {
    expect(
      read('openai-chat', {
        max_completion_tokens: 100,
        n: 3,
        reasoning_effort: 'high',
        tools: [{ type: 'function', function: { name: 'search' } }],
        web_search_options: {},
        store: true,
      }),
    ).toMatchObject({
      maxOutputTokens: 300,
      effort: 'high',
      tools: ['search'],
      serverTools: ['web_search'],
      store: true,
    });
  });

  it('reads a request of the Responses API', () => {
    expect(
      read('openai-responses', {
        background: true,
        reasoning: { effort: 'low' },
        tools: [
          { type: 'function', name: 'shell' },
          { type: 'web_search_preview_2025_03_11' },
          { type: 'mcp', server_url: 'https://mcp.example' },
        ],
        input: [
          { role: 'user', content: [{ type: 'input_file', file_id: 'f-1' }] },
        ],
        previous_response_id: 'resp_1',
      }),
    ).toMatchObject({
      background: true,
      effort: 'low',
      tools: ['shell'],
      serverTools: ['web_search', 'mcp'],
      modalities: ['file'],
      references: expect.arrayContaining([
        { name: 'file_id', id: 'f-1' },
        { name: 'previous_response_id', id: 'resp_1' },
      ]),
    });
  });

  it('reads a request of Gemini', () => {
    expect(
      read(
        'google-generate',
        {
          generationConfig: {
            maxOutputTokens: 64,
            candidateCount: 2,
            thinkingConfig: { thinkingLevel: 'HIGH' },
          },
          tools: [
            { functionDeclarations: [{ name: 'look' }] },
            { googleSearch: {} },
          ],
          contents: [
            { parts: [{ inlineData: { mimeType: 'audio/wav', data: '' } }] },
          ],
        },
        { model: 'gemini-3-pro', streaming: true },
      ),
    ).toMatchObject({
      model: 'gemini-3-pro',
      streaming: true,
      maxOutputTokens: 128,
      effort: 'high',
      tools: ['look'],
      serverTools: ['google_search'],
      modalities: ['audio'],
    });
  });

  it.each([
    [{ messages: [{ content: [{ source: { file_id: 'f' } }] }] }, 'f'],
    [{ container: 'c' }, 'c'],
    [{ container: { id: 'c', skills: [] } }, 'c'],
    [{ conversation: { id: 'v' } }, 'v'],
    [{ tools: [{ type: 'file_search', vector_store_ids: ['s'] }] }, 's'],
    [{ cachedContent: 'cachedContents/x' }, 'cachedContents/x'],
    [{ prompt: { id: 'pmpt_1', version: '2' } }, 'pmpt_1'],
    [{ thread: { type: 'continue', previous_message_id: 'msg_1' } }, 'msg_1'],
    [
      { tools: [{ fileSearch: { fileSearchStoreNames: ['stores/x'] } }] },
      'stores/x',
    ],
    [
      {
        contents: [
          {
            parts: [
              {
                functionResponse: {
                  response: { file_id: 'a word of the tool' },
                  parts: [{ fileData: { fileUri: 'files/q' } }],
                },
              },
            ],
          },
        ],
      },
      'files/q',
    ],
    [
      {
        contents: [
          {
            parts: [
              {
                fileData: {
                  fileUri:
                    'https://generativelanguage.googleapis.com/v1beta/files/q',
                },
              },
            ],
          },
        ],
      },
      'files/q',
    ],
  ])('finds what is stored at the provider in %j', (body, id) => {
    expect(read('openai-responses', body).references).toEqual([
      { name: expect.any(String), id },
    ]);
  });

  it('finds references whose names are written with escapes', () => {
    const json = '{"model":"m","x":{"fi\\u006ce\\u005fid":"f-1"}}';
    expect(
      readInference('openai', 'openai-responses', textOf(json)).references,
    ).toEqual([{ name: 'file_id', id: 'f-1' }]);
  });

  it.each([
    [{ type: 'item_reference', id: 'msg_1' }, 'msg_1'],
    [{ id: 'msg_1' }, 'msg_1'],
    [{ type: null, id: 'msg_1' }, 'msg_1'],
  ])('takes a part of a stored response for a reference: %j', (item, id) => {
    const body = { input: [{ role: 'user', content: 'Go on' }, item] };
    expect(read('openai-responses', body).references).toEqual([
      { name: 'item_reference', id },
    ]);
  });

  it.each([
    ['https://generativelanguage.googleapis.com/v1beta/files/abc', 'files/abc'],
    ['https://gateway.example/v1beta/files/abc', 'files/abc'],
    // Others than Google writes them are nobody's.
    ...[
      'https://generativelanguage.googleapis.com/v1beta/files/abc/',
      'https://generativelanguage.googleapis.com/v1beta/files/abc?x=1',
      'https://generativelanguage.googleapis.com/v1beta/%66iles/abc',
      'https://GENERATIVELANGUAGE.googleapis.com./v1beta/other',
      'https://gateway.example/%66iles/abc',
      'https://generativelanguage.googleapis.com/v1beta/files/abc?x=/files/d',
      'https://generativelanguage.googleapis.com/v1beta/files/abc/files/d',
      'files/abc',
      'gs://bucket/object',
    ].map(uri => [uri, uri]),
  ])('takes the URL of a file for a reference: %s', (fileUri, id) => {
    const body = { contents: [{ parts: [{ fileData: { fileUri } }] }] };
    const inPath = { model: 'gemini-3-pro', streaming: false };
    expect(read('google-generate', body, inPath).references).toEqual([
      { name: 'fileUri', id },
    ]);
  });

  it('takes nothing for a reference that tools or schemas say', () => {
    expect(
      read('anthropic-messages', {
        metadata: { file_id: 'mine' },
        prompt: 'a text',
        diagnostics: { previous_message_id: 'msg_1' },
        tools: [
          {
            name: 'open',
            input_schema: { properties: { file_id: { type: 'string' } } },
          },
        ],
        messages: [
          {
            role: 'assistant',
            content: [
              { type: 'tool_use', name: 'open', input: { file_id: 'gdrive' } },
            ],
          },
          { role: 'user', content: 'Set "file_id": "x"' },
        ],
      }).references,
    ).toEqual([]);
  });

  it.each([{}, { model: '' }, { model: 7 }, { model: 'x'.repeat(257) }])(
    'refuses a request without a model: %j',
    body => {
      const text = textOf(JSON.stringify(body));
      expect(() => readInference('openai', 'openai-chat', text)).toThrow(
        'names no model',
      );
    },
  );

  it.each(['Model', 'TOOLS', 'tool\u017f', '\u017fto\u0072e', 'THIN\u212aING'])(
    'refuses a name that some servers take for another: %s',
    name => {
      expect(() => read('openai-chat', { [name]: 'x' })).toThrow(
        'could be taken for',
      );
      expect(() =>
        read('google-generate', {}, { model: 'm', streaming: false }),
      ).not.toThrow();
    },
  );

  it('takes names that nothing depends on as they are', () => {
    expect(() => read('openai-chat', { chatTemplateKwargs: {} })).not.toThrow();
  });

  it('takes values of other types than expected for nothing', () => {
    const odd = {
      max_tokens: '5',
      tools: 'x',
      messages: [null, 5, { content: [[]] }],
      thinking: 3,
      stream: 'true',
    };
    expect(read('anthropic-messages', odd)).toMatchObject({
      streaming: false,
      tools: [],
      maxOutputTokens: undefined,
    });
  });
});
