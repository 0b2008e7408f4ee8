import { parse } from 'smol-toml';
import { AgentConfigLayer, CLIENTS } from '../compile';
import { validateOpenCodeConfig } from '../schema';
import { configOf, MODELS, someModel, URLS } from '../testing';
import type { OfferedModel } from './ClientConfiguration';
import { exportFor } from './exportFor';
import { openCodeConfig } from './openCode';

const { organisation } = configOf({
  'agents/docs/writer.md':
    "---\ndescription: Writes\nmode: subagent\nmodel: anthropic/claude-haiku-4-5\ntemperature: 0.2\npermission:\n  '*': deny\n  read: allow\n  bash: { '*': deny, 'git *': allow }\n  portal_*: allow\n---\nYou write for {rootURL}.",
  'agents/lead.md': '---\nmode: primary\n---\nYou lead.',
  'commands/git/log.md':
    '---\ndescription: Log\nagent: docs/writer\n---\nShow !`git log` of $ARGUMENTS',
  'instructions/a.md': 'See {rootURL}/docs.',
  'mcp.yaml':
    "portal:\n  url: '{rootURL}/mcp'\nkeyed:\n  url: https://keyed.example.com\n  headers: { Authorization: 'Bearer {env:KEYED}', X-Team: a }\noff: { url: 'https://off.example.com', enabled: false }",
  'permissions.yaml':
    "'*': ask\nread: { '*': allow, '*.env': deny, 'docs/*.env': allow }\nbash:\n  '*': ask\n  'git status*': allow\n  'git push *': deny\n  '* --force': deny\nwebfetch: deny\nportal_*: allow\nlist: allow",
  'settings.yaml':
    'model: anthropic/claude-sonnet-5-5\nsmall_model: anthropic/claude-haiku-4-5\nclient_models: { codex: openai/gpt-6.1-sol, gemini: google/gone }',
});

function files(client: string, layer: AgentConfigLayer = organisation) {
  const exported = exportFor(client, layer, { urls: URLS, models: MODELS });
  return {
    notes: exported.notes,
    of: Object.fromEntries(
      exported.files.map(({ path, content, contentType }) => [
        path,
        contentType === 'application/json' ? JSON.parse(content) : content,
      ]),
    ) as Record<string, any>,
  };
}

const openCode = (models: OfferedModel[]) =>
  openCodeConfig(organisation, {
    urls: URLS,
    models,
    tokenVariable: 'T',
  }) as any;

describe('The configuration of OpenCode', () => {
  it('is one that OpenCode accepts, with the models that there are and no others', () => {
    const config = openCode(MODELS);
    expect(validateOpenCodeConfig(config)).toEqual([]);
    expect(config.enabled_providers).toEqual([
      'anthropic',
      'openai',
      'google',
      'compat',
    ]);
    expect(config.provider.compat).toEqual({
      npm: '@ai-sdk/openai-compatible',
      name: 'Open models',
      options: { baseURL: `${URLS.baseURL}/compat`, apiKey: '{env:T}' },
      whitelist: ['qwen/qwen3-coder'],
      models: {
        'qwen/qwen3-coder': {
          name: 'QWEN/QWEN3-CODER',
          attachment: true,
          reasoning: true,
          temperature: true,
          tool_call: true,
          modalities: { input: ['text', 'image'], output: ['text'] },
          limit: { context: 200_000, output: 64_000 },
          cost: { input: 3, output: 15, cache_read: 0.3, cache_write: 3.75 },
        },
      },
    });
    expect(config.mcp.portal.url).toBe('https://portal.example.com/mcp');
    expect(config.agent['docs/writer'].prompt).toBe(
      'You write for https://portal.example.com.',
    );
    expect(openCode(MODELS.slice(0, 2)).enabled_providers).toEqual([
      'anthropic',
    ]);
  });

  it('offers no model that is of no use to it, or in whose name it would replace something', () => {
    const { capabilities } = MODELS[0];
    const config = openCode([
      someModel('anthropic', 'good', {
        name: '{file:/etc/passwd}',
        releaseDate: '{file:./none}',
      }),
      someModel('anthropic', '{env:SECRET}'),
      someModel('anthropic', 'embedding', {
        capabilities: { ...capabilities, toolCalls: false },
      }),
      someModel('openai', 'image', {
        capabilities: { ...capabilities, outputModalities: ['image'] },
      }),
    ]);
    expect(Object.keys(config.provider)).toEqual(['anthropic']);
    expect(config.provider.anthropic.whitelist).toEqual(['good']);
    expect(config.provider.anthropic.models.good.name).toBe('file:/etc/passwd');
    expect(JSON.stringify(config)).not.toContain('{file:');
  });

  it('has what the sources say of providers, within the models that there are', () => {
    const layer = configOf({
      'settings.yaml':
        'providers:\n  anthropic:\n    name: Claude\n    options: { timeout: 1000 }\n    whitelist: [claude-haiku-4-5, gone]\nenabled_providers: [anthropic]',
    }).organisation;
    const config = openCodeConfig(layer, {
      urls: URLS,
      models: MODELS,
      tokenVariable: 'T',
    }) as any;
    expect(config.enabled_providers).toEqual(['anthropic']);
    expect(config.provider.anthropic).toMatchObject({
      name: 'Claude',
      options: {
        timeout: 1000,
        baseURL: `${URLS.baseURL}/anthropic/v1`,
        apiKey: '{env:T}',
      },
      whitelist: ['claude-haiku-4-5'],
    });
  });
});

describe('The files of clients', () => {
  it('are there for each, with addresses in their places', () => {
    for (const client of CLIENTS) {
      const exported = exportFor(client, organisation, {
        urls: URLS,
        models: MODELS,
      });
      const text = JSON.stringify(exported);
      expect(text).toContain('https://portal.example.com/mcp');
      expect(text).not.toMatch(/\{(?:baseURL|rootURL)\}/);
      // OpenCode has a switch for servers.
      expect(text.includes('off.example.com')).toBe(client === 'opencode');
    }
    expect(() =>
      exportFor('emacs', organisation, { urls: URLS, models: MODELS }),
    ).toThrow('there is one for opencode, claude-code');
  });

  it('of Claude Code keep the stricter rule where there is no exception from it', () => {
    const { of, notes } = files('claude-code');
    expect(of['managed-settings.json']).toEqual({
      model: 'claude-sonnet-5-5',
      availableModels: ['claude-sonnet-5-5', 'claude-haiku-4-5'],
      permissions: {
        allow: [
          'Read',
          'Read(docs/**/*.env)',
          'Bash(git status*)',
          'mcp__portal',
        ],
        ask: [],
        deny: [
          'Read(*.env)',
          'Bash(git push *)',
          'Bash(* --force)',
          'WebFetch',
        ],
      },
      apiKeyHelper: expect.stringContaining(`${URLS.issuer}/login.sh`),
      env: {
        ANTHROPIC_BASE_URL: `${URLS.baseURL}/anthropic`,
        ANTHROPIC_DEFAULT_HAIKU_MODEL: 'claude-haiku-4-5',
        CLAUDE_CODE_API_KEY_HELPER_TTL_MS: '900000',
      },
    });
    expect(of['.mcp.json'].mcpServers.keyed).toEqual({
      type: 'http',
      url: 'https://keyed.example.com',
      // eslint-disable-next-line no-template-curly-in-string
      headers: { Authorization: 'Bearer ${KEYED}', 'X-Team': 'a' },
    });
    expect(of['.claude/agents/docs-writer.md']).toBe(
      '---\nname: "docs-writer"\ndescription: "Writes"\nmodel: "claude-haiku-4-5"\ntools: "Read, mcp__portal"\n---\n\nYou write for https://portal.example.com.\n',
    );
    expect(of['.claude/commands/git/log.md']).toBe(
      '---\ndescription: "Log"\ncontext: "fork"\nagent: "docs-writer"\n---\n\nShow !`git log` of $ARGUMENTS\n',
    );
    expect(of['CLAUDE.md']).toBe('See https://portal.example.com/docs.\n');
    expect(notes).toEqual([
      'permissions: "read: *.env" is "deny" for "docs/*.env" too, as Claude Code has no exceptions from it',
      'agents/docs-writer: has no temperature, as Claude Code has no place for it',
      'agents/docs-writer: has no Bash, as Claude Code cannot give an agent a part of a tool',
    ]);
  });

  it('of Claude Code refuse all of what is refused in part, or not mentioned', () => {
    const layer = configOf({
      'mcp.yaml':
        'known: { url: https://a.example.com }\nother: { url: https://b.example.com }',
      'permissions.yaml':
        "'*': deny\nread: allow\nbash: { 'git *': allow }\nknown_find: allow\ntask: { '*': allow, 'x-*': deny }\nskill: { '*': allow, 'a-*': ask, b: allow }",
    }).organisation;
    const { of, notes } = files('claude-code', layer);
    expect(of['managed-settings.json'].permissions).toEqual({
      allow: ['Read', 'Bash(git *)', 'mcp__known__find', 'Agent', 'Skill'],
      ask: ['Skill'],
      deny: [
        'Agent',
        'Edit',
        'Glob',
        'Grep',
        'WebFetch',
        'WebSearch',
        'TodoWrite',
        'mcp__other',
      ],
    });
    expect(notes).toEqual([
      'permissions: "*: deny" is "ask" for tools of which Claude Code alone knows, and for the rest of those of which rules allow a part',
      'permissions: "task: x-*" is "deny" for all of Agent, as Claude Code has no such rules for it',
      'permissions: "skill: a-*" is "ask" for all of Skill, as Claude Code has no such rules for it',
      'permissions: "skill: b" is left out, as Claude Code has no such rules for Skill',
    ]);
  });

  it('of Claude Code have rules for the server that is meant, and none for what is no tool', () => {
    const layer = configOf({
      'mcp.yaml':
        'web: { url: https://a.example.com }\nweb_admin: { url: https://b.example.com }',
      'permissions.yaml':
        "web_admin_*: deny\nweb_find: allow\nconstructor: deny\ntoString: { 'a': deny }",
    }).organisation;
    const { of, notes } = files('claude-code', layer);
    expect(of['managed-settings.json'].permissions).toEqual({
      allow: ['mcp__web__find'],
      ask: [],
      deny: ['mcp__web_admin'],
    });
    expect(notes).toEqual([
      'permissions: "constructor" is left out, as Claude Code has no such tool',
      'permissions: "toString" is left out, as Claude Code has no such tool',
    ]);
  });

  it('of Codex refuse commands, servers and sandboxes that users may not have', () => {
    const { of, notes } = files('codex');
    expect(parse(of['config.toml'])).toMatchObject({
      model: 'gpt-6.1-sol',
      model_provider: 'portal',
      model_providers: {
        portal: {
          base_url: `${URLS.baseURL}/openai/v1`,
          wire_api: 'responses',
        },
      },
      mcp_servers: {
        portal: { url: 'https://portal.example.com/mcp' },
        keyed: {
          url: 'https://keyed.example.com',
          bearer_token_env_var: 'KEYED',
          http_headers: { 'X-Team': 'a' },
        },
      },
      agents: { 'docs-writer': { config_file: 'agents/docs-writer.toml' } },
    });
    expect(parse(of['agents/docs-writer.toml'])).toEqual({
      developer_instructions: 'You write for https://portal.example.com.',
      sandbox_mode: 'read-only',
    });
    expect(parse(of['requirements.toml'])).toMatchObject({
      allowed_sandbox_modes: ['read-only', 'workspace-write'],
      mcp_servers: {
        portal: { identity: { url: 'https://portal.example.com/mcp' } },
      },
      rules: {
        prefix_rules: [
          {
            pattern: [{ token: 'git' }, { token: 'push' }],
            decision: 'forbidden',
          },
        ],
      },
    });
    expect(notes).toEqual([
      'agents: lead left out, as Codex has agents only for tasks',
      'commands: git/log left out, as Codex has no commands of its users',
      'permissions: "bash: * --force" is left out, as Codex refuses commands by their first words',
      'agents/docs-writer: uses the model of the conversation, as Codex has no anthropic/claude-haiku-4-5',
      'agents/docs-writer: has no temperature, as Codex has no place for it',
    ]);
  });

  it.each([
    [
      'codex',
      [
        'mcp/a: the header X-Key is left out, as Codex has no variables in the middle of one',
        'agents/helper: uses the model of the conversation, as Codex has no anthropic/claude-sonnet-5-5',
        'agents/helper: has no temperature, as Codex has no place for it',
        'mcp/a: oauth and timeout left out, as only OpenCode is told of it',
      ],
    ],
    [
      'gemini',
      [
        'agents: lead left out, as Gemini CLI has agents only for tasks',
        'commands/log: runs in the conversation, as commands of Gemini CLI have no agent or model',
        'agents/helper: uses the model of the conversation, as Gemini CLI has no anthropic/claude-sonnet-5-5',
        'agents/helper: has no permissions of its own, as Gemini CLI has its own policies',
        'mcp/a: oauth and timeout left out, as only OpenCode is told of it',
      ],
    ],
  ])('of %s tell what they cannot say', (client, expected) => {
    const layer = configOf({
      'mcp.yaml':
        'a: { url: https://a.example.com, timeout: 5000, oauth: { clientId: x }, headers: { X-Key: "key {env:KEY}", X-All: "{env:ALL}" } }',
      'agents/lead.md': '---\nmode: primary\n---\nLead.',
      'agents/helper.md':
        '---\nmode: subagent\nmodel: anthropic/claude-sonnet-5-5\ntemperature: 0.1\npermission: { edit: deny }\n---\nHelp.',
      'commands/log.md': '---\nagent: helper\n---\nLog.',
    }).organisation;
    expect(files(client, layer).notes).toEqual(
      expect.arrayContaining(expected),
    );
    expect(files('opencode', layer).notes).toHaveLength(1);
  });

  it('of Gemini CLI have its own marks in commands, and no model that is not there', () => {
    const { of } = files('gemini');
    expect(of['.gemini/settings.json']).toEqual({
      security: { auth: { selectedType: 'gemini-api-key' } },
      mcpServers: {
        portal: { httpUrl: 'https://portal.example.com/mcp' },
        keyed: {
          httpUrl: 'https://keyed.example.com',
          // eslint-disable-next-line no-template-curly-in-string
          headers: { Authorization: 'Bearer ${KEYED}', 'X-Team': 'a' },
        },
      },
    });
    expect(parse(of['.gemini/commands/git/log.toml'])).toEqual({
      description: 'Log',
      prompt: 'Show !{git log} of {{args}}',
    });
  });

  it('of VS Code have models at the path of their API, but for those of Gemini', () => {
    const { of } = files('vscode');
    expect(
      of['chatLanguageModels.json'].map(({ apiType, models }: any) => [
        apiType,
        models.map(({ url }: any) => url),
      ]),
    ).toEqual([
      ['messages', Array(2).fill(`${URLS.baseURL}/anthropic/v1/messages`)],
      ['responses', [`${URLS.baseURL}/openai/v1/responses`]],
      ['chat-completions', [`${URLS.baseURL}/compat/chat/completions`]],
    ]);
    expect(of['.vscode/mcp.json'].servers.keyed.headers).toEqual({
      // eslint-disable-next-line no-template-curly-in-string
      Authorization: 'Bearer ${env:KEYED}',
      'X-Team': 'a',
    });
  });
});
