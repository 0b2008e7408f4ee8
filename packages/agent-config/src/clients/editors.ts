import type { AgentConfigLayer } from '../compile';
import { mcpServersFor } from '../mcpServers';
import type { ClientFile, ClientTarget, ModelApi } from './ClientConfiguration';
import { codingModels } from './openCode';
import { jsonFile, partsOf } from './parts';

/** How the custom endpoints of VS Code (1.122) speak, and where. Gemini's API is none of them. */
const ENDPOINTS: Partial<Record<ModelApi, { apiType: string; path: string }>> =
  {
    anthropic: { apiType: 'messages', path: '/anthropic/v1/messages' },
    openai: { apiType: 'responses', path: '/openai/v1/responses' },
    compat: { apiType: 'chat-completions', path: '/compat/chat/completions' },
  };

/** What these editors cannot be told by a file, or what this does not write. */
const LEFT_OUT =
  'agents, commands, instructions and permissions are left out: there are files for its MCP servers';

/** All files of VS Code. */
export function vscodeFiles(
  layer: AgentConfigLayer,
  target: ClientTarget,
  notes: string[],
): ClientFile[] {
  notes.push(
    `${LEFT_OUT} and models only`,
    'VS Code asks for the token of the AI proxy once; a personal token from the page "Agent access" lasts longest',
  );
  const groups = Object.entries(ENDPOINTS).map(([api, { apiType, path }]) => ({
    name: `AI proxy: ${api}`,
    vendor: 'customendpoint',
    // eslint-disable-next-line no-template-curly-in-string
    apiKey: '${input:chat.lm.secret.ai-proxy}',
    apiType,
    models: codingModels(target.models)
      .filter(model => model.api === api)
      .map(({ id, name, limits, capabilities }) => ({
        id,
        name,
        url: `${target.urls.baseURL}${path}`,
        toolCalling: true,
        vision: capabilities.inputModalities.includes('image'),
        thinking: capabilities.reasoning,
        maxInputTokens: limits.input ?? limits.context,
        maxOutputTokens: limits.output,
      })),
  }));
  return [
    jsonFile(
      '.vscode/mcp.json',
      mcpServersFor('vscode', partsOf(layer, target).servers),
      'The root of a project; or mcp.json of the user profile',
    ),
    jsonFile(
      'chatLanguageModels.json',
      groups.filter(({ models }) => models.length > 0),
      'The folder of the user profile, such as ~/.config/Code/User',
    ),
  ];
}

/** All files of Cursor. */
export function cursorFiles(
  layer: AgentConfigLayer,
  target: ClientTarget,
  notes: string[],
): ClientFile[] {
  notes.push(
    `${LEFT_OUT} only`,
    `models: in Settings, Models, override the base URL of OpenAI with ${target.urls.baseURL}/openai/v1, which has to be reachable from the Internet`,
  );
  return [
    jsonFile(
      '.cursor/mcp.json',
      mcpServersFor('cursor', partsOf(layer, target).servers),
      '~, or the root of a project',
    ),
  ];
}

/** All files of Windsurf. */
export function windsurfFiles(
  layer: AgentConfigLayer,
  target: ClientTarget,
  notes: string[],
): ClientFile[] {
  notes.push(
    `${LEFT_OUT} only`,
    'models: Windsurf has no place for another provider',
  );
  return [
    jsonFile(
      'mcp_config.json',
      mcpServersFor('windsurf', partsOf(layer, target).servers),
      '~/.codeium/windsurf',
    ),
  ];
}
