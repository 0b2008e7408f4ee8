import type { WireFormat } from '@prompt-corner/plugin-ai-proxy-common';
import { promptOf } from '../../prompts';
import { InputEstimates } from './InputEstimates';

const BASE64 = Buffer.alloc(300_000, 'picture').toString('base64');
const IMAGE = 1_600;

function estimateInput(body: object, format: WireFormat): number {
  const prompt = promptOf(Buffer.from(JSON.stringify(body)));
  return new InputEstimates().of(prompt, format);
}

describe('estimateInput of pictures, recordings and files', () => {
  it.each([
    [
      'openai-chat',
      {
        messages: [
          {
            role: 'user',
            content: [
              {
                type: 'image_url',
                image_url: { url: `data:image/png;base64,${BASE64}` },
              },
            ],
          },
        ],
      },
    ],
    [
      'openai-chat',
      {
        messages: [
          {
            role: 'user',
            content: [
              {
                type: 'image_url',
                image_url: { url: 'https://example.com/cat.png' },
              },
            ],
          },
        ],
      },
    ],
    [
      'openai-responses',
      {
        input: [
          {
            role: 'user',
            content: [
              {
                type: 'input_image',
                image_url: `data:image/png;base64,${BASE64}`,
              },
            ],
          },
        ],
      },
    ],
    [
      'openai-responses',
      {
        input: [
          {
            role: 'user',
            content: [{ type: 'input_image', file_id: 'file-1' }],
          },
        ],
      },
    ],
    [
      'openai-responses',
      {
        input: [
          {
            type: 'function_call_output',
            call_id: 'c',
            output: `data:image/png;base64,${BASE64}`,
          },
        ],
      },
    ],
    [
      'google-generate',
      {
        contents: [
          { parts: [{ inlineData: { mimeType: 'image/png', data: BASE64 } }] },
        ],
      },
    ],
    [
      'google-generate',
      {
        contents: [
          {
            parts: [
              {
                file_data: {
                  mime_type: 'image/png',
                  file_uri: 'https://example.com/files/1',
                },
              },
            ],
          },
        ],
      },
    ],
  ] as const)('counts a picture in %s by the piece: %#', (format, body) => {
    const estimate = estimateInput(body, format);

    expect(estimate).toBeGreaterThanOrEqual(IMAGE);
    expect(estimate).toBeLessThanOrEqual(IMAGE + 30);
  });

  it.each([
    { type: 'base64', media_type: 'image/jpeg', data: BASE64 },
    { type: 'url', url: 'https://example.com/cat.jpg' },
    { type: 'file', file_id: 'file_1' },
  ])('counts a picture for Claude by the piece: $type', source => {
    const estimate = estimateInput(
      { messages: [{ role: 'user', content: [{ type: 'image', source }] }] },
      'anthropic-messages',
    );

    expect(estimate).toBeGreaterThanOrEqual(IMAGE * 1.35);
    expect(estimate).toBeLessThanOrEqual((IMAGE + 30) * 1.35);
  });

  it.each([
    [
      'a PDF',
      'openai-chat',
      {
        messages: [
          {
            role: 'user',
            content: [
              {
                type: 'file',
                file: {
                  filename: 'a.pdf',
                  file_data: `data:application/pdf;base64,${BASE64}`,
                },
              },
            ],
          },
        ],
      },
      15_000,
    ],
    [
      'a PDF by id',
      'openai-chat',
      {
        messages: [
          {
            role: 'user',
            content: [{ type: 'file', file: { file_id: 'file-1' } }],
          },
        ],
      },
      3_000,
    ],
    [
      'a recording',
      'openai-chat',
      {
        messages: [
          {
            role: 'user',
            content: [
              {
                type: 'input_audio',
                input_audio: { data: BASE64, format: 'mp3' },
              },
            ],
          },
        ],
      },
      3_334,
    ],
    [
      'a video',
      'google-generate',
      {
        contents: [
          { parts: [{ inlineData: { mimeType: 'video/mp4', data: BASE64 } }] },
        ],
      },
      3_000,
    ],
  ] as const)('counts %s by its size', (_, format, body, expected) => {
    const estimate = estimateInput(body, format);

    expect(estimate).toBeGreaterThanOrEqual(expected);
    expect(estimate).toBeLessThanOrEqual(expected + 30);
  });
});
