import { stringify } from 'smol-toml';
import { AgentConfigLayer, isRecord } from '../compile';
import { codexMcpServer } from '../mcpServers';
import type { ClientFile, ClientTarget } from './ClientConfiguration';
import {
  Agent,
  firstModel,
  idAt,
  loginCommand,
  markdownFile,
  namesOf,
  partsOf,
} from './parts';

const USER = '~/.codex';
const SYSTEM =
  '/etc/codex; or macOS preference com.openai.codex, key requirements_toml_base64';

/** The name of the AI proxy among providers. */
const PROVIDER = 'portal';

const LOGIN_TIMEOUT_MS = 300_000;
const REFRESH_INTERVAL_MS = 15 * 60_000;

/** All files of Codex (0.169.0). */
export function codexFiles(
  layer: AgentConfigLayer,
  target: ClientTarget,
  notes: string[],
): ClientFile[] {
  const { urls } = target;
  const { agents, commands, instructions, servers, permission } = partsOf(
    layer,
    target,
  );
  const model = firstModel(layer, target, { client: 'codex', api: 'openai' });
  const subagents = agents.filter(({ mode }) => mode !== 'primary');
  const config = {
    ...(model && { model }),
    model_provider: PROVIDER,
    approval_policy: 'on-request',
    sandbox_mode: 'workspace-write',
    model_providers: {
      [PROVIDER]: {
        name: 'AI proxy',
        base_url: `${urls.baseURL}/openai/v1`,
        wire_api: 'responses',
        auth: {
          command: 'sh',
          args: ['-c', loginCommand(urls.issuer)],
          timeout_ms: LOGIN_TIMEOUT_MS,
          refresh_interval_ms: REFRESH_INTERVAL_MS,
        },
      },
    },
    mcp_servers: Object.fromEntries(
      servers.map(server => [
        server.name,
        codexMcpServer(server, header =>
          notes.push(
            `mcp/${server.name}: the header ${header} is left out, as Codex has no variables in the middle of one`,
          ),
        ),
      ]),
    ),
    agents: Object.fromEntries(
      subagents.map(({ flatName, name, description }) => [
        flatName,
        {
          description: description ?? name,
          config_file: `agents/${flatName}.toml`,
        },
      ]),
    ),
  };
  const primary = agents.filter(({ mode }) => mode === 'primary');
  if (primary.length > 0) {
    notes.push(
      `agents: ${namesOf(
        primary,
      )} left out, as Codex has agents only for tasks`,
    );
  }
  if (commands.length > 0) {
    notes.push(
      `commands: ${namesOf(
        commands,
      )} left out, as Codex has no commands of its users`,
    );
  }
  return [
    tomlFile('config.toml', config, USER),
    tomlFile(
      'requirements.toml',
      requirements(servers, permission, notes),
      SYSTEM,
    ),
    ...subagents.map(agent => agentFile(agent, notes)),
    ...(instructions
      ? [markdownFile('AGENTS.md', {}, instructions, USER)]
      : []),
  ];
}

function agentFile(agent: Agent, notes: string[]): ClientFile {
  const { flatName, prompt, model, temperature } = agent;
  const own = idAt('openai', model);
  if (model && !own) {
    notes.push(
      `agents/${flatName}: uses the model of the conversation, as Codex has no ${model}`,
    );
  }
  if (temperature !== undefined) {
    notes.push(
      `agents/${flatName}: has no temperature, as Codex has no place for it`,
    );
  }
  const rules = isRecord(agent.permission) ? agent.permission : {};
  const readsOnly = (rules.edit ?? rules['*']) === 'deny';
  if (isRecord(agent.permission) && !readsOnly) {
    notes.push(
      `agents/${flatName}: has the permissions of the conversation, as Codex knows only agents that read and those that write`,
    );
  }
  return tomlFile(
    `agents/${flatName}.toml`,
    {
      ...(own && { model: own }),
      ...(prompt && { developer_instructions: prompt }),
      ...(readsOnly && { sandbox_mode: 'read-only' }),
    },
    USER,
  );
}

/** What users cannot change: the servers, the sandbox, and commands that are refused. */
function requirements(
  servers: Array<{ name: string; url: string }>,
  permission: unknown,
  notes: string[],
) {
  const bash = isRecord(permission) ? permission.bash : undefined;
  const refused = Object.entries(isRecord(bash) ? bash : {})
    .filter(([, action]) => action === 'deny')
    .map(([pattern]) => pattern);
  // A rule is about whole words at the beginning of a command.
  const prefixes = refused.filter(pattern => /^[^*?]+\*?$/.test(pattern));
  for (const pattern of prefixes.filter(item => /\S\*$/.test(item))) {
    notes.push(
      `permissions: "bash: ${pattern}" is not refused where its last word only begins so, as Codex knows whole words`,
    );
  }
  for (const pattern of refused.filter(item => !prefixes.includes(item))) {
    notes.push(
      `permissions: "bash: ${pattern}" is left out, as Codex refuses commands by their first words`,
    );
  }
  return {
    allowed_sandbox_modes: ['read-only', 'workspace-write'],
    mcp_servers: Object.fromEntries(
      servers.map(({ name, url }) => [name, { identity: { url } }]),
    ),
    ...(prefixes.length > 0 && {
      rules: {
        prefix_rules: prefixes.map(pattern => ({
          pattern: pattern
            .replace(/\*$/, '')
            .trim()
            .split(/\s+/)
            .map(token => ({ token })),
          decision: 'forbidden',
          justification: 'The organisation does not allow this command',
        })),
      },
    }),
  };
}

function tomlFile(
  path: string,
  value: object,
  destination: string,
): ClientFile {
  return {
    path,
    content: `${stringify(value)}\n`,
    contentType: 'application/toml',
    destination,
  };
}
