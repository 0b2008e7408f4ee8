import type { AgentConfigLayer } from '../compile';
import { mcpServersFor } from '../mcpServers';
import { claudeAgentTools, claudePermissions } from './claudePermissions';
import type { ClientFile, ClientTarget } from './ClientConfiguration';
import { codingModels } from './openCode';
import {
  Agent,
  Command,
  firstModel,
  idAt,
  jsonFile,
  LayerParts,
  loginCommand,
  markdownFile,
  partsOf,
} from './parts';

const MANAGED =
  '/etc/claude-code on Linux, /Library/Application Support/ClaudeCode on macOS, C:\\Program Files\\ClaudeCode on Windows';
const PROJECT = 'The root of a project, or ~ for all projects of a user';

/** The script remembers its token; asking it again is cheap. */
const HELPER_TTL_MS = 15 * 60_000;

/**
 * Settings of Claude Code that do not say where models are: as a gateway gives
 * them to those who have signed in to it (`GET /managed/settings`).
 *
 * @param notes - gets what could not be said
 */
export function claudeCodeSettings(
  layer: AgentConfigLayer,
  target: ClientTarget,
  notes: string[] = [],
): Record<string, unknown> {
  const { servers, permission } = partsOf(layer, target);
  const model = firstModel(layer, target, {
    client: 'claude-code',
    api: 'anthropic',
  });
  const models = codingModels(target.models)
    .filter(({ api }) => api === 'anthropic')
    .map(({ id }) => id);
  const small = idAt('anthropic', layer.config.small_model as string);
  return {
    ...(model && { model }),
    availableModels: models,
    ...(permission !== undefined && {
      permissions: claudePermissions(
        permission,
        servers.map(({ name }) => name),
        notes,
      ),
    }),
    ...(small &&
      models.includes(small) && {
        env: { ANTHROPIC_DEFAULT_HAIKU_MODEL: small },
      }),
  };
}

/** All files of Claude Code (2.1.329). */
export function claudeCodeFiles(
  layer: AgentConfigLayer,
  target: ClientTarget,
  notes: string[],
): ClientFile[] {
  const { urls } = target;
  const parts = partsOf(layer, target);
  const settings = claudeCodeSettings(layer, target, notes);
  const files = [
    jsonFile(
      'managed-settings.json',
      {
        ...settings,
        apiKeyHelper: loginCommand(urls.issuer),
        env: {
          ...(settings.env as object | undefined),
          ANTHROPIC_BASE_URL: `${urls.baseURL}/anthropic`,
          CLAUDE_CODE_API_KEY_HELPER_TTL_MS: String(HELPER_TTL_MS),
        },
      },
      MANAGED,
    ),
    jsonFile('.mcp.json', mcpServersFor('claude-code', parts.servers), PROJECT),
    ...parts.agents.map(agent => agentFile(agent, parts, notes)),
    ...parts.commands.map(command => commandFile(command, parts, notes)),
  ];
  if (parts.instructions) {
    files.push(markdownFile('CLAUDE.md', {}, parts.instructions, MANAGED));
  }
  return files;
}

function agentFile(
  agent: Agent,
  { servers }: LayerParts,
  notes: string[],
): ClientFile {
  const { flatName, description, prompt, model, temperature } = agent;
  if (temperature !== undefined) {
    notes.push(
      `agents/${flatName}: has no temperature, as Claude Code has no place for it`,
    );
  }
  const own = idAt('anthropic', model);
  if (model && !own) {
    notes.push(
      `agents/${flatName}: uses the model of the conversation, as Claude Code has no ${model}`,
    );
  }
  const { tools, disallowedTools } = claudeAgentTools(
    agent,
    servers.map(({ name }) => name),
    notes,
  );
  return markdownFile(
    `.claude/agents/${flatName}.md`,
    {
      name: flatName,
      description: description ?? agent.name,
      model: own,
      tools: tools?.join(', '),
      disallowedTools: disallowedTools?.join(', '),
    },
    prompt ?? '',
    PROJECT,
  );
}

function commandFile(
  { name, description, model, agent, subtask, template }: Command,
  { agents }: LayerParts,
  notes: string[],
): ClientFile {
  const known = agents.find(candidate => candidate.name === agent);
  if (agent && !known) {
    notes.push(
      `commands/${name}: runs in the conversation, as Claude Code has no agent "${agent}"`,
    );
  }
  return markdownFile(
    `.claude/commands/${name}.md`,
    {
      description,
      model: idAt('anthropic', model),
      // A conversation has one agent; another one gets its own.
      context: known || subtask ? 'fork' : undefined,
      agent: known?.flatName,
    },
    template,
    PROJECT,
  );
}
