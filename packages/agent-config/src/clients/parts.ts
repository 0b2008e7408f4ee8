import { AgentConfigLayer, ClientName, isRecord } from '../compile';
import type { McpServer } from '../mcpServers';
import type { ClientFile, ClientTarget, ModelApi } from './ClientConfiguration';
import { fillPlaceholders } from './merge';
import { codingModels, modelReference } from './openCode';

/** An agent as the sources describe it. */
export interface Agent {
  /** Such as `docs/writer`. */
  name: string;
  /** The name where only letters, digits, `-` and `_` can be: `docs-writer`. */
  flatName: string;
  description?: string;
  /** With its provider. */
  model?: string;
  prompt?: string;
  mode: string;
  temperature?: number;
  permission?: unknown;
}

/** A command as the sources describe it. */
export interface Command {
  /** Such as `docs/check`. */
  name: string;
  flatName: string;
  description?: string;
  agent?: string;
  model?: string;
  template: string;
  subtask?: boolean;
}

/** An MCP server as the sources describe it, with what only OpenCode is told. */
export interface ServerPart extends McpServer {
  oauth?: unknown;
  timeout?: unknown;
}

/** The parts of a layer that every client has a place for, with addresses filled in. */
export interface LayerParts {
  agents: Agent[];
  commands: Command[];
  /** All instructions as one text; empty when there are none. */
  instructions: string;
  servers: ServerPart[];
  permission: unknown;
}

/** Takes a layer apart. */
export function partsOf(
  layer: AgentConfigLayer,
  { urls }: ClientTarget,
): LayerParts {
  const config = fillPlaceholders(layer.config, urls);
  const named = (value: unknown) =>
    Object.entries(isRecord(value) ? value : {}).map(([name, part]) => ({
      ...(part as any),
      name,
      flatName: name.toLowerCase().replaceAll('/', '-'),
    }));
  return {
    agents: named(config.agent)
      .filter(({ disable }) => disable !== true)
      .map(agent => ({ ...agent, mode: agent.mode ?? 'all' })),
    commands: named(config.command),
    instructions: layer.instructions
      .map(({ text }) => fillPlaceholders(text, urls))
      .join('\n\n'),
    servers: named(config.mcp).filter(
      ({ url, enabled }) => url !== undefined && enabled !== false,
    ),
    permission: config.permission,
  };
}

/**
 * The model with which a client begins: that of `client_models`, else the
 * default of all.
 *
 * @returns its id without provider; undefined when none of this API is offered
 */
export function firstModel(
  layer: AgentConfigLayer,
  target: ClientTarget,
  { client, api }: { client: ClientName; api: ModelApi },
): string | undefined {
  const wanted = [layer.clientModels[client], layer.config.model];
  return codingModels(target.models).find(
    model => model.api === api && wanted.includes(modelReference(model)),
  )?.id;
}

/** The id of a model with its provider, if it is of this one. */
export function idAt(
  provider: string,
  reference: string | undefined,
): string | undefined {
  return reference?.startsWith(`${provider}/`)
    ? reference.slice(provider.length + 1)
    : undefined;
}

/** Names of agents or commands, for notes. */
export function namesOf(named: Array<{ name: string }>): string {
  return named.map(({ name }) => name).join(', ');
}

/** A file of JSON. */
export function jsonFile(
  path: string,
  value: object,
  destination: string,
): ClientFile {
  return {
    path,
    content: `${JSON.stringify(value, null, 2)}\n`,
    contentType: 'application/json',
    destination,
  };
}

/** A file of markdown with a front matter of one line for each key. */
export function markdownFile(
  path: string,
  frontMatter: Record<string, unknown>,
  body: string,
  destination: string,
): ClientFile {
  // JSON is YAML, whatever is in it.
  const lines = Object.entries(frontMatter)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`);
  return {
    path,
    content: `${
      lines.length > 0 ? `---\n${lines.join('')}---\n\n` : ''
    }${body}\n`,
    contentType: 'text/markdown',
    destination,
  };
}

/** The command that prints a token, for a POSIX shell. */
export function loginCommand(issuer: string): string {
  // Not a pipe, as that would hide that the script could not be had.
  return `script=$(curl -fsS '${issuer}/login.sh') && sh -c "$script"`;
}
