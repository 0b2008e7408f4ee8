import { stringify } from 'smol-toml';
import type { AgentConfigLayer } from '../compile';
import { mcpServersFor } from '../mcpServers';
import type { ClientFile, ClientTarget } from './ClientConfiguration';
import {
  Agent,
  Command,
  firstModel,
  idAt,
  jsonFile,
  markdownFile,
  namesOf,
  partsOf,
} from './parts';

const USER = '~, or the root of a project';

/** All files of Gemini CLI (0.61.0). */
export function geminiFiles(
  layer: AgentConfigLayer,
  target: ClientTarget,
  notes: string[],
): ClientFile[] {
  const { agents, commands, instructions, servers, permission } = partsOf(
    layer,
    target,
  );
  const name = firstModel(layer, target, {
    client: 'gemini',
    api: 'google-ai-studio',
  });
  notes.push(
    `GEMINI_API_KEY has to hold a token when it starts, as it has no command for it: GEMINI_API_KEY="$(curl -fsS '${target.urls.issuer}/login.sh' | sh)" gemini`,
  );
  if (permission !== undefined) {
    notes.push('permissions: left out, as Gemini CLI has its own policies');
  }
  const primary = agents.filter(({ mode }) => mode === 'primary');
  if (primary.length > 0) {
    notes.push(
      `agents: ${namesOf(
        primary,
      )} left out, as Gemini CLI has agents only for tasks`,
    );
  }
  return [
    jsonFile(
      '.gemini/settings.json',
      {
        security: { auth: { selectedType: 'gemini-api-key' } },
        ...(name && { model: { name } }),
        ...mcpServersFor('gemini', servers),
      },
      USER,
    ),
    {
      path: '.gemini/.env',
      content: `GOOGLE_GEMINI_BASE_URL=${target.urls.baseURL}/google-ai-studio\n`,
      contentType: 'text/plain',
      destination: USER,
    },
    ...commands.map(command => commandFile(command, notes)),
    ...agents
      .filter(({ mode }) => mode !== 'primary')
      .map(agent => agentFile(agent, notes)),
    ...(instructions
      ? [markdownFile('.gemini/GEMINI.md', {}, instructions, USER)]
      : []),
  ];
}

function agentFile(agent: Agent, notes: string[]): ClientFile {
  const { flatName, description, model, temperature, prompt } = agent;
  const own = idAt('google', model);
  if (model && !own) {
    notes.push(
      `agents/${flatName}: uses the model of the conversation, as Gemini CLI has no ${model}`,
    );
  }
  if (agent.permission !== undefined) {
    notes.push(
      `agents/${flatName}: has no permissions of its own, as Gemini CLI has its own policies`,
    );
  }
  return markdownFile(
    `.gemini/agents/${flatName}.md`,
    {
      name: flatName,
      description: description ?? flatName,
      model: own,
      temperature,
    },
    prompt ?? '',
    USER,
  );
}

function commandFile(
  { name, description, agent, model, template }: Command,
  notes: string[],
): ClientFile {
  if (agent || model) {
    notes.push(
      `commands/${name}: runs in the conversation, as commands of Gemini CLI have no agent or model`,
    );
  }
  if (/\$[1-9]/.test(template)) {
    notes.push(
      `commands/${name}: "$1" and the like stay as they are, as Gemini CLI has only all arguments`,
    );
  }
  return {
    path: `.gemini/commands/${name}.toml`,
    content: `${stringify({
      ...(description && { description }),
      prompt: template
        .replaceAll('$ARGUMENTS', '{{args}}')
        .replace(/!`([^`]+)`/g, '!{$1}'),
    })}\n`,
    contentType: 'application/toml',
    destination: USER,
  };
}
