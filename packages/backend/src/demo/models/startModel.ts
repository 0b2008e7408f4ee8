import { LLMock } from '@copilotkit/aimock';

/** About how many characters a token has. */
const CHARACTERS_PER_TOKEN = 4;

/** How fast it writes, in milliseconds between two pieces. */
const PACE_MS = 15;

/** How many numbers its embeddings have. */
const DIMENSIONS = 256;

/**
 * Starts a model that answers without any model being there, in the APIs of
 * OpenAI, Anthropic and Gemini, so that the demo needs no key. It tells usage as
 * a real one does.
 */
export async function startModel(): Promise<LLMock> {
  const mock = new LLMock({
    host: '127.0.0.1',
    port: 0,
    latency: PACE_MS,
    chunkSize: 12,
    logLevel: 'silent',
  });
  mock.onEmbedding(/[^]*/, {
    embedding: Array.from({ length: DIMENSIONS }, (_, at) => Math.sin(at + 1)),
  });
  mock.on({}, ({ messages }) => {
    const asked = textOf(messages.at(-1)?.content);
    const content = answerTo(asked);
    const input = tokensOf(JSON.stringify(messages));
    const output = tokensOf(content);
    return {
      content,
      usage: {
        prompt_tokens: input,
        completion_tokens: output,
        total_tokens: input + output,
        input_tokens: input,
        output_tokens: output,
        promptTokenCount: input,
        candidatesTokenCount: output,
        totalTokenCount: input + output,
      },
    };
  });
  await mock.start();
  return mock;
}

function answerTo(asked: string): string {
  const words = asked.trim().split(/\s+/).slice(-12).join(' ');
  return [
    'This is the model of the demo, which only repeats what it was told.',
    words && `You wrote: “${words}”.`,
    'Give aiProxy.providers a key of a real provider, and a real model answers here.',
  ]
    .filter(Boolean)
    .join(' ');
}

function textOf(content: unknown): string {
  if (typeof content === 'string') {
    return content;
  }
  return Array.isArray(content)
    ? content.map(part => (part as { text?: string }).text ?? '').join(' ')
    : '';
}

function tokensOf(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}
