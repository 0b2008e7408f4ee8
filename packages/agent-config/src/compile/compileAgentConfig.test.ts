import { join } from 'node:path';
import { readDirectory } from '../directory';
import { configOf, problemsOf } from '../testing';
import { compileAgentConfig } from './compileAgentConfig';

const EXAMPLES = join(__dirname, '../../../../examples/agent-config');

describe('Compiling sources', () => {
  it('makes one configuration of the example', async () => {
    const compiled = compileAgentConfig(await readDirectory(EXAMPLES));
    expect(compiled).toMatchObject({
      ok: true,
      config: {
        organisation: {
          config: {
            model: 'anthropic/claude-sonnet-5-5',
            agent: {
              reviewer: { mode: 'subagent', prompt: expect.any(String) },
              incident: { mode: 'primary' },
              'docs/writer': { description: expect.any(String) },
            },
            command: {
              owner: { template: expect.stringContaining('$ARGUMENTS') },
              review: { agent: 'reviewer', subtask: true },
            },
            mcp: { portal: { type: 'remote', url: '{rootURL}/mcp' } },
          },
          instructions: [{ name: 'lantern' }],
          clientModels: { codex: 'openai/gpt-6.1-sol' },
        },
        teams: {
          'group:default/payments-team': {
            config: { agent: { settlement: { mode: 'subagent' } } },
            instructions: [{ name: 'instructions' }],
          },
        },
      },
    });
  });

  it('takes the front matter for settings and the text for the prompt, whatever ends its lines', () => {
    const { organisation } = configOf({
      'agents/docs/writer.md':
        '\uFEFF---\r\ndescription: Writes\r\nmode: subagent\r\n---\r\n\r\nYou write.\r\n---\r\nAlso this.\r\n',
      'command/hello.md': 'Say hello to $1\n',
    });
    expect(organisation.config).toEqual({
      agent: {
        'docs/writer': {
          description: 'Writes',
          mode: 'subagent',
          prompt: 'You write.\n---\nAlso this.',
        },
      },
      command: { hello: { template: 'Say hello to $1' } },
    });
  });

  it('lists all problems at once, each with its line and what to do', () => {
    expect(
      problemsOf({
        'agents/a.md': '---\nmode: sometimes\ntemprature: 1\n---\nHello',
        'agents/b.md': '---\nmode: all\nHello',
        'agents/../c.md': 'Hello',
        'commands/empty.md': '---\ndescription: Nothing\n---\n',
        'commands/lost.md': '---\nagent: nobody\n---\nHello',
        'mcp.yaml':
          'local:\n  command: [npx, x]\n  type: local\nbad:\n  url: x',
        'permissions.yaml': "bash:\n  'git *': alow\n'*': ask\n",
        'settings.yaml':
          'model: [a]\nplugin: [x]\nmcp: {}\ncolour: red\ndefault_agent: c\n',
        'setings.yaml': 'model: x',
        'teams/a b/permissions.yaml': '{}',
      }),
    ).toEqual([
      'agents/../c.md:1: the name of the file has to consist of letters, digits, "-" and "_", at most 64 of them, in at most 3 folders; rename it',
      'agents/a.md:2: agent.a.mode has to be one of subagent, primary, all',
      'agents/a.md:3: "temprature" is not known in agents: options for the provider of the model go below "options"',
      'agents/b.md:1: the front matter does not end; add a line "---" after it',
      'commands/empty.md:3: a command needs a text, which becomes the message to the model; write it below the front matter',
      'commands/lost.md:2: there is no agent "nobody"; there are build, plan, general, explore, a',
      'mcp.yaml:3: only remote servers can be configured: what runs on laptops is neither checked nor updated by anybody; give a "url"',
      'mcp.yaml:5: a server needs a "url" that begins with https://, http://, {rootURL} or {baseURL}, such as {rootURL}/mcp',
      'permissions.yaml:2: permission.bash.git * has to be one of ask, allow, deny',
      'permissions.yaml:3: the last rule that matches counts, so "*" would replace all rules above it; make it the first',
      'setings.yaml:1: is no part of the configuration: there are agents/*.md, commands/*.md, instructions.md, instructions/*.md, permissions.yaml, mcp.yaml and settings.yaml, each also in teams/<group>/. Move it, or take it out',
      'settings.yaml:1: model has to be of type string',
      'settings.yaml:2: "plugin" would run programs or open ports on the machines of users, which this configuration does not do; take it out',
      'settings.yaml:3: "mcp" is not a setting: MCP servers are in mcp.yaml',
      'settings.yaml:4: "colour" is not a setting that OpenCode knows; see https://opencode.ai/docs/config',
      'settings.yaml:5: "c" is no agent that can be the first; there are build, plan, a',
      'teams/a b/permissions.yaml:1: the folder "a b" has to be the name of a group, such as payments-team, or with its namespace emea+payments-team, and there can be one for each',
    ]);
  });

  it('leaves it to the server where requests for models go, and with what', () => {
    expect(
      problemsOf({
        'settings.yaml': `providers:
  anthropic:
    npm: x
    options: { baseURL: https://x.example.com }
    models:
      claude-x:
        name: Ours
        provider: { api: https://x.example.com }
        headers: { authorization: a }`,
      }),
    ).toEqual([
      'settings.yaml:3: "npm" is set by the server; take it out',
      'settings.yaml:4: "options.baseURL" is set by the server; take it out',
      'settings.yaml:8: "models.claude-x.provider" is set by the server; take it out',
      'settings.yaml:9: "models.claude-x.headers" is set by the server; take it out',
    ]);
  });

  it('knows agents of the organisation in those of a team', () => {
    const files = {
      'agents/reviewer.md': 'You review.',
      'teams/emea+Payments/commands/check.md':
        '---\nagent: reviewer\n---\nCheck',
      'teams/emea+Payments/mcp.yaml': 'portal: { enabled: false }',
    };
    expect(configOf(files).teams).toEqual({
      'group:emea/payments': {
        config: {
          command: { check: { agent: 'reviewer', template: 'Check' } },
          mcp: { portal: { enabled: false } },
        },
        instructions: [],
        clientModels: {},
      },
    });
  });

  it.each([
    ['!!binary', 'a: !!binary aGk='],
    ['tags of its own', 'a: !run rm'],
    ['the same key twice', 'share: auto\nshare: manual'],
    ['a key that is a part of JavaScript', 'compaction: { __proto__: {} }'],
    ['no mapping', '- a'],
    ['broken YAML', 'a: ['],
    ['two documents', 'share: auto\n---\nshare: manual'],
    [
      'aliases of aliases',
      `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [${'*a,'.repeat(
        20,
      )}]\nc: [${'*b,'.repeat(20)}]`,
    ],
    ['what is nested too deep', `a: ${'['.repeat(30)}${']'.repeat(30)}`],
  ])('refuses %s in YAML', (_, yaml) => {
    expect(problemsOf({ 'settings.yaml': yaml })).toContainEqual(
      expect.stringMatching(/^settings\.yaml:\d+: the YAML cannot be used/),
    );
  });

  it.each([
    ['agents/Reviewer.md', 'agents/reviewer.md'],
    ['agent/reviewer.md', 'agents/reviewer.md'],
    ['settings.yml', 'settings.yaml'],
  ])('refuses %s beside %s', (one, other) => {
    const text = one.endsWith('md') ? 'You review.' : 'share: auto';
    expect(problemsOf({ [one]: text, [other]: text })).toHaveLength(1);
  });
});
