import type { SourceFile } from '../sources';
import { CONFIG_KEYS } from '../schema';
import { ParsedYaml, parseYaml } from '../text';
import { CLIENTS, ClientName } from './AgentConfig';
import { LayerDraft, locatedIn } from './LayerDraft';
import { isRecord } from './isRecord';

/** Settings that have a place of their own. */
const ELSEWHERE: Record<string, string> = {
  agent: 'agents are files in agents/',
  command: 'commands are files in commands/',
  instructions: 'instructions are instructions.md, or files in instructions/',
  mcp: 'MCP servers are in mcp.yaml',
  mode: 'write an agent with "mode: primary" in agents/',
  permission: 'permissions are in permissions.yaml',
  provider: 'write "providers"',
  tools: 'write permissions.yaml',
};

/** Settings that run programs, or open ports, on the machines of users. */
const UNSAFE = ['plugin', 'server', 'shell', 'formatter', 'lsp', 'enterprise'];

/** By which name OpenCode knows the providers that the AI proxy has. */
export const PROVIDERS = ['anthropic', 'openai', 'google', 'compat'] as const;

/** Of a provider, what only the server knows. */
const OF_THE_SERVER = ['npm', 'api', 'env', 'id'];
const OPTIONS_OF_THE_SERVER = ['baseURL', 'apiKey', 'headers', 'enterpriseUrl'];
/** A model can have an address of its own, which would get the user's token. */
const MODEL_OF_THE_SERVER = ['provider', 'headers'];

/** Reads `settings.yaml`. */
export function addSettings(draft: LayerDraft, file: SourceFile): void {
  const yaml = parsed(draft, file);
  if (!yaml) {
    return;
  }
  const at = locatedIn(file.path, yaml);
  for (const [key, value] of Object.entries(yaml.value)) {
    if (key === 'providers') {
      draft.layer.config.provider = value;
      draft.locations.add(['provider'], locatedIn(file.path, yaml, [key]));
      checkProviders(draft, value);
    } else if (key === 'client_models') {
      addClientModels(draft, value, locatedIn(file.path, yaml, [key]));
    } else if (ELSEWHERE[key]) {
      draft.problem(at([key]), `"${key}" is not a setting: ${ELSEWHERE[key]}`);
    } else if (UNSAFE.includes(key)) {
      draft.problem(
        at([key]),
        `"${key}" would run programs or open ports on the machines of users, which this configuration does not do; take it out`,
      );
    } else if (!CONFIG_KEYS.includes(key)) {
      draft.problem(
        at([key]),
        `"${key}" is not a setting that OpenCode knows; see https://opencode.ai/docs/config`,
      );
    } else {
      draft.layer.config[key] = value;
      draft.locations.add([key], locatedIn(file.path, yaml, [key]));
    }
  }
}

function addClientModels(
  draft: LayerDraft,
  value: unknown,
  at: ReturnType<typeof locatedIn>,
): void {
  for (const [client, model] of Object.entries(isRecord(value) ? value : {})) {
    if (!CLIENTS.includes(client as ClientName)) {
      draft.problem(
        at([client]),
        `"${client}" is no tool for which there is a configuration; there are ${CLIENTS.join(
          ', ',
        )}`,
      );
    } else if (typeof model !== 'string' || !/^[\w-]+\/\S+$/.test(model)) {
      draft.problem(
        at([client]),
        'a model is written with its provider, such as openai/gpt-5.2-codex',
      );
    } else {
      draft.layer.clientModels[client as ClientName] = model;
    }
  }
}

function checkProviders(draft: LayerDraft, providers: unknown): void {
  for (const [name, provider] of Object.entries(
    isRecord(providers) ? providers : {},
  )) {
    if (!(PROVIDERS as readonly string[]).includes(name)) {
      draft.problemAt(
        ['provider', name],
        `"${name}" is no provider of the AI proxy, through which all requests go; there are ${PROVIDERS.join(
          ', ',
        )}`,
      );
    }
    const { options, models } = isRecord(provider) ? provider : {};
    const taken = [
      ...keysIn(provider, OF_THE_SERVER).map(key => [key]),
      ...keysIn(options, OPTIONS_OF_THE_SERVER).map(key => ['options', key]),
      ...Object.entries(isRecord(models) ? models : {}).flatMap(([id, model]) =>
        keysIn(model, MODEL_OF_THE_SERVER).map(key => ['models', id, key]),
      ),
    ];
    for (const path of taken) {
      draft.problemAt(
        ['provider', name, ...path],
        `"${path.join('.')}" is set by the server; take it out`,
      );
    }
  }
}

function keysIn(value: unknown, keys: readonly string[]): string[] {
  return keys.filter(key => isRecord(value) && Object.hasOwn(value, key));
}

/** Reads `permissions.yaml`. */
export function addPermissions(draft: LayerDraft, file: SourceFile): void {
  const yaml = parsed(draft, file);
  if (yaml) {
    draft.layer.config.permission = yaml.value;
    draft.locations.add(['permission'], locatedIn(file.path, yaml));
  }
}

/** Reads `mcp.yaml`. */
export function addMcpServers(draft: LayerDraft, file: SourceFile): void {
  const yaml = parsed(draft, file);
  for (const [name, server] of Object.entries(yaml?.value ?? {})) {
    const at = locatedIn(file.path, yaml!, [name]);
    if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/.test(name)) {
      draft.problem(
        at([]),
        `"${name}" cannot be the name of a server: it has to consist of letters, digits, "-" and "_", at most 63 of them`,
      );
    } else if (!isRecord(server)) {
      draft.problem(at([]), `the server "${name}" needs a "url"`);
    } else {
      checkServer(draft, server, at);
      draft.add(
        'mcp',
        name,
        'url' in server ? { type: 'remote', enabled: true, ...server } : server,
        at,
      );
    }
  }
}

function checkServer(
  draft: LayerDraft,
  { type = 'remote', url, enabled }: Record<string, unknown>,
  at: ReturnType<typeof locatedIn>,
): void {
  if (type !== 'remote') {
    draft.problem(
      at(['type']),
      'only remote servers can be configured: what runs on laptops is neither checked nor updated by anybody; give a "url"',
    );
    return;
  }
  const known =
    typeof url === 'string' &&
    (/^\{(?:baseURL|rootURL)\}(?:[/?]|$)/.test(url) ||
      (/^https?:\/\//.test(url) && URL.canParse(url)));
  // A layer of a team may switch a server off without repeating its address.
  if (!known && !(url === undefined && enabled !== undefined)) {
    draft.problem(
      at(['url']),
      'a server needs a "url" that begins with https://, http://, {rootURL} or {baseURL}, such as {rootURL}/mcp',
    );
  }
}

function parsed(
  draft: LayerDraft,
  { path: file, content }: SourceFile,
): ParsedYaml | undefined {
  return parseYaml(content, { file, problems: draft.problems });
}
