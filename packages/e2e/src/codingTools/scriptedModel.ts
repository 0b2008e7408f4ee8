import { ChatMessage, JournalEntry, LLMock } from '@copilotkit/aimock';
import { startRecorder } from './startRecorder';

/** How the paths end at which providers are asked. */
const ASKING = ['/chat/completions', '/responses', '/messages'];

/** A model provider on the loopback interface whose model does as it is told. */
export interface ScriptedModel {
  /** Its origin; the paths are those of OpenAI (chat completions and responses) and Anthropic. */
  url: string;
  /** The tokens of all requests that asked the model something. */
  tokens(): string[];
  /** The results of tools that the model was given. */
  toolResults(): string[];
  /** Names of the tools that the model was offered, in the request that offered most. */
  offeredTools(): string[];
  stop(): Promise<void>;
}

/**
 * Starts a model that first calls tools, one after the other, and then answers
 * from the last result.
 *
 * @param options.calls - names of the tools, as the coding tool calls them, and what they are called with
 * @param options.answer - makes the answer from what the last tool returned
 */
export async function startScriptedModel(options: {
  calls: Array<{ tool: string; input: object }>;
  answer: (toolResult: string) => string;
}): Promise<ScriptedModel> {
  const { calls, answer } = options;
  const mock = new LLMock({ port: 0 });
  calls.forEach(({ tool, input }, index) =>
    mock.on(
      {
        predicate: ({ tools = [], messages }) =>
          resultsIn(messages).length === index &&
          tools.some(offered => offered.function.name === tool),
      },
      { toolCalls: [{ name: tool, arguments: JSON.stringify(input) }] },
    ),
  );
  mock.on({ hasToolResult: true }, ({ messages }) => ({
    content: answer(resultsIn(messages).at(-1)!),
  }));
  // Coding tools ask for a title of the conversation, without tools.
  mock.on({}, { content: 'A question' });
  await mock.start();
  // The mock keeps no tokens.
  const recorder = await startRecorder(mock.url);

  const requests = () => mock.getRequests();
  return {
    url: recorder.url,
    tokens: () =>
      recorder.requests
        .filter(({ path }) => ASKING.some(end => path.endsWith(end)))
        .map(({ token = '' }) => token),
    toolResults: () =>
      requests().flatMap(entry => resultsIn(chatOf(entry).messages)),
    offeredTools: () =>
      requests()
        .map(entry => chatOf(entry).tools ?? [])
        .reduce(
          (most, tools) => (tools.length > most.length ? tools : most),
          [],
        )
        .map(offered => offered.function.name),
    async stop() {
      await recorder.stop();
      await mock.stop();
    },
  };
}

function chatOf(entry: JournalEntry) {
  return entry.body as {
    messages: ChatMessage[];
    tools?: Array<{ function: { name: string } }>;
  };
}

function resultsIn(messages: ChatMessage[]): string[] {
  return messages
    .filter(({ role }) => role === 'tool')
    .map(({ content }) =>
      typeof content === 'string'
        ? content
        : (content ?? []).map(({ text }) => text ?? '').join(''),
    );
}
