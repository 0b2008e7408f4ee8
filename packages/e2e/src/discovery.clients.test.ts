import { ClaudeCode } from './claudeCode';
import { Codex } from './codex';
import {
  CLAUDE_CODE,
  CODEX,
  GEMINI_CLI,
  INSTALL_TIMEOUT_MS,
  provideCodingTool,
  ScriptedModel,
  startScriptedModel,
  ToolHome,
  USER_CODE_PROMPT,
} from './codingTools';
import { useDemo } from './demo';
import {
  ConfiguredProxy,
  exampleFiles,
  startConfiguredProxy,
} from './discovery';
import { GeminiCli } from './gemini';

const demo = useDemo();

const ANSWER = 'A question';
const INSTRUCTION = 'Working at Lantern';
const TOKEN = expect.stringMatching(/^[\w-]{43}$/);

describe('The files of', () => {
  let model: ScriptedModel;
  let proxy: ConfiguredProxy;
  let tool: { dispose(): void } | undefined;

  beforeEach(async () => {
    model = await startScriptedModel({ calls: [], answer: () => ANSWER });
    proxy = await startConfiguredProxy(model.url);
  });

  afterEach(async () => {
    tool?.dispose();
    await proxy?.stop();
    await model?.stop();
  });

  const filesOf = (client: 'claude-code' | 'codex' | 'gemini') =>
    exampleFiles(client, {
      baseURL: proxy.url,
      rootURL: demo.url,
      issuer: demo.issuer,
    });

  function writeFiles(
    home: ToolHome,
    files: Record<string, string>,
    below = '',
  ): void {
    for (const [path, content] of Object.entries(files)) {
      home.write(`${below}${path}`, content);
    }
  }

  /** Signs the user in where tools that run in the background find the token. */
  async function signIn(home: ToolHome): Promise<void> {
    await home.runAndSignIn(
      ['-c', `curl -fsS '${demo.issuer}/login.sh' | sh`],
      {
        program: 'sh',
        prompt: USER_CODE_PROMPT,
        signIn: userCode => demo.approveDevice('linus', { userCode }),
      },
    );
  }

  /** The model requests of the tool: their texts, and their different tokens. */
  function asked(path: RegExp) {
    const requests = proxy.seen.filter(request => path.test(request.path));
    const tokens = requests.map(
      ({ headers }) =>
        headers['x-goog-api-key'] ??
        headers.authorization?.replace('Bearer ', ''),
    );
    return {
      text: requests.map(({ body }) => body).join(),
      tokens: [...new Set(tokens)],
    };
  }

  it(
    'Claude Code give it models, servers, agents, commands and instructions',
    async () => {
      const binary = await provideCodingTool(CLAUDE_CODE);
      const claude = new ClaudeCode({ binary });
      tool = claude;
      const { home } = claude;
      const files = await filesOf('claude-code');
      writeFiles(home, files);
      // What an administrator would put in a folder of the system, and in projects.
      home.write('.claude/settings.json', files['managed-settings.json']);
      home.write('.claude/CLAUDE.md', files['CLAUDE.md']);
      home.write('../project/.mcp.json', files['.mcp.json']);
      await signIn(home);

      const { stdout } = await home.run([
        ...['-p', 'Hello?', '--verbose', '--output-format', 'stream-json'],
      ]);
      const begin = stdout
        .split('\n')
        .filter(line => line.startsWith('{'))
        .map(line => JSON.parse(line))
        .find(({ subtype }) => subtype === 'init');
      expect(begin).toMatchObject({
        model: 'claude-sonnet-5-5',
        agents: expect.arrayContaining(['reviewer', 'incident', 'docs-writer']),
        slash_commands: expect.arrayContaining([
          'owner',
          'review',
          'release-notes',
        ]),
      });
      expect(await claude.mcp('list')).toContain(`${demo.url}/mcp`);
      const { text, tokens } = asked(/^\/anthropic\/v1\/messages$/);
      expect(text).toContain(INSTRUCTION);
      expect(tokens).toEqual([TOKEN]);
    },
    INSTALL_TIMEOUT_MS,
  );

  it(
    'Codex give it a model, servers, agents and instructions',
    async () => {
      const codex = new Codex(await provideCodingTool(CODEX));
      tool = codex;
      writeFiles(codex.home, await filesOf('codex'), '.codex/');
      await signIn(codex.home);

      expect(await codex.mcp('list')).toMatch(
        new RegExp(`portal +${demo.url}/mcp`),
      );
      const { stdout } = await codex.home.run(['debug', 'prompt-input', 'Hi']);
      expect(stdout).toContain(INSTRUCTION);
      expect(stdout).toContain('docs-writer');
      expect(await codex.ask('Hello?')).toContain(ANSWER);
      const { text, tokens } = asked(/^\/openai\/v1\/responses$/);
      expect(text).toContain('"gpt-6.1-sol"');
      expect(tokens).toEqual([TOKEN]);
    },
    INSTALL_TIMEOUT_MS,
  );

  it(
    'Gemini CLI give it a model, servers, agents, commands and instructions',
    async () => {
      const gemini = new GeminiCli({
        binary: await provideCodingTool(GEMINI_CLI),
        key: await demo.agentToken('linus', 'proxy'),
      });
      tool = gemini;
      writeFiles(gemini.home, await filesOf('gemini'));

      expect(await gemini.mcp('list')).toContain(`${demo.url}/mcp`);
      expect(await gemini.ask('/owner payments-api')).toContain(ANSWER);
      const { text, tokens } = asked(
        /^\/google-ai-studio\/v1beta\/models\/gemini-3\.8-flash:/,
      );
      expect(text).toContain(INSTRUCTION);
      expect(text).toContain('Who owns payments-api?');
      expect(text).toContain('docs-writer');
      expect(tokens).toEqual([TOKEN]);
    },
    INSTALL_TIMEOUT_MS,
  );
});
