import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { useDemo } from './demo';
import { fromRoot } from './paths';
import { runProgram } from './processes';

const demo = useDemo();

/** What the model of the demo repeats. */
const QUESTION = 'Who owns checkout?';
const messages = [{ role: 'user' as const, content: QUESTION }];

describe('the SDK of OpenAI', () => {
  let client: OpenAI;

  beforeEach(async () => {
    client = new OpenAI({
      baseURL: `${demo.url}/api/ai-proxy/openai/v1`,
      apiKey: await demo.agentToken('linus', 'proxy'),
    });
  });

  it('lists models', async () => {
    const ids: string[] = [];
    for await (const { id } of client.models.list()) {
      ids.push(id);
    }
    expect(ids).toContain('gpt-5-mini');
  });

  it('completes chats, streamed and not', async () => {
    const model = 'gpt-5-mini';
    const whole = await client.chat.completions.create({ model, messages });
    expect(whole.choices[0].message.content).toContain(QUESTION);
    expect(whole.usage!.completion_tokens).toBeGreaterThan(0);

    let text = '';
    let chunks = 0;
    const stream = await client.chat.completions.create({
      model,
      messages,
      stream: true,
    });
    for await (const { choices } of stream) {
      chunks++;
      text += choices[0]?.delta.content ?? '';
    }
    expect(text).toContain(QUESTION);
    expect(chunks).toBeGreaterThan(3);
  });

  it('gets responses, streamed and not', async () => {
    const asked = { model: 'gpt-5-mini', input: QUESTION };
    const whole = await client.responses.create(asked);
    expect(whole.output_text).toContain(QUESTION);
    const types = new Set<string>();
    const stream = await client.responses.create({ ...asked, stream: true });
    for await (const { type } of stream) {
      types.add(type);
    }
    expect(types).toContain('response.completed');
  });

  it('embeds', async () => {
    const { data } = await client.embeddings.create({
      model: 'text-embedding-3-small',
      input: QUESTION,
      encoding_format: 'float',
    });
    expect(data[0].embedding.length).toBeGreaterThan(10);
  });

  it('shows errors as its own, and does not try again', async () => {
    const wrong = new OpenAI({ baseURL: client.baseURL, apiKey: 'wrong' });
    await expect(wrong.models.list()).rejects.toBeInstanceOf(
      OpenAI.AuthenticationError,
    );
  });

  it('asks models behind any compatible server', async () => {
    const compatible = new OpenAI({
      baseURL: `${demo.url}/api/ai-proxy/compat`,
      apiKey: client.apiKey,
    });
    const { choices } = await compatible.chat.completions.create({
      model: 'qwen3-coder',
      messages,
    });
    expect(choices[0].message.content).toContain(QUESTION);
  });
});

describe('the SDK of Anthropic', () => {
  let client: Anthropic;

  beforeEach(async () => {
    client = new Anthropic({
      baseURL: `${demo.url}/api/ai-proxy/anthropic`,
      apiKey: await demo.agentToken('linus', 'proxy'),
    });
  });

  it('lists models', async () => {
    const ids: string[] = [];
    for await (const { id } of client.models.list()) {
      ids.push(id);
    }
    expect(ids).toContain('claude-haiku-4-5');
  });

  it('gets messages, streamed and not', async () => {
    const asked = { model: 'claude-haiku-4-5', max_tokens: 200, messages };
    const whole = await client.messages.create(asked);
    expect(JSON.stringify(whole.content)).toContain(QUESTION);
    const final = await client.messages.stream(asked).finalMessage();
    expect(JSON.stringify(final.content)).toContain(QUESTION);
    expect(final.usage.output_tokens).toBeGreaterThan(0);
  });

  it('shows errors as its own', async () => {
    await expect(
      client.messages.create({ model: '', max_tokens: 1, messages }),
    ).rejects.toBeInstanceOf(Anthropic.BadRequestError);
  });
});

/** In a process of its own: the SDK looks for the dispatcher of `fetch` in symbols that Jest hides. */
const ASK_GEMINI = `
  const { GoogleGenAI } = require('@google/genai');
  const [, baseUrl, apiKey, contents] = process.argv;
  const { models } = new GoogleGenAI({ apiKey, httpOptions: { baseUrl } });
  const asked = { model: 'gemini-2.5-pro', contents };
  (async () => {
    const whole = await models.generateContent(asked);
    let streamed = '';
    for await (const chunk of await models.generateContentStream(asked)) {
      streamed += chunk.text ?? '';
    }
    console.log(JSON.stringify({ whole: whole.text, streamed }));
  })();
`;

describe('the SDK of Gemini', () => {
  it('generates, streamed and not', async () => {
    const { stdout, stderr } = await runProgram(
      process.execPath,
      [
        '-e',
        ASK_GEMINI,
        `${demo.url}/api/ai-proxy/google-ai-studio`,
        await demo.agentToken('linus', 'proxy'),
        QUESTION,
      ],
      { cwd: fromRoot('packages/e2e'), timeoutMs: 30_000 },
    );
    expect(stderr).toBe('');
    const { whole, streamed } = JSON.parse(stdout);
    expect(whole).toContain(QUESTION);
    expect(streamed).toContain(QUESTION);
  });
});
