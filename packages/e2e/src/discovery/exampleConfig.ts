import {
  AgentConfig,
  ClientConfiguration,
  ClientTarget,
  compileAgentConfig,
  exportFor,
  formatProblem,
  ModelApi,
  OfferedModel,
} from '@prompt-corner/agent-config';
import { readDirectory } from '@prompt-corner/agent-config/directory';
import { fromRoot } from '../paths';

/** The models that the example names. */
export const EXAMPLE_MODELS: OfferedModel[] = [
  someModel('anthropic', 'claude-sonnet-5-5'),
  someModel('anthropic', 'claude-haiku-4-5'),
  someModel('openai', 'gpt-6.1-sol'),
  someModel('google-ai-studio', 'gemini-3.8-flash'),
];

/**
 * Compiles `examples/agent-config`.
 *
 * @throws Error with all problems
 */
export async function compileExample(): Promise<AgentConfig> {
  const compiled = compileAgentConfig(
    await readDirectory(fromRoot('examples/agent-config')),
  );
  if (!compiled.ok) {
    throw new Error(compiled.problems.map(formatProblem).join('\n'));
  }
  return compiled.config;
}

/** The files of a client for `examples/agent-config`, by path. */
export async function exampleFiles(
  client: ClientConfiguration['client'],
  urls: ClientTarget['urls'],
): Promise<Record<string, string>> {
  const { organisation } = await compileExample();
  const { files } = exportFor(client, organisation, {
    urls,
    models: EXAMPLE_MODELS,
  });
  return Object.fromEntries(files.map(({ path, content }) => [path, content]));
}

function someModel(api: ModelApi, id: string): OfferedModel {
  return {
    api,
    id,
    name: id,
    limits: { context: 200_000, output: 64_000 },
    capabilities: {
      reasoning: false,
      toolCalls: true,
      attachments: true,
      temperature: true,
      inputModalities: ['text', 'image'],
      outputModalities: ['text'],
    },
    prices: { input: 3, output: 15 },
  };
}
