import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClaudeCode } from './claudeCode';
import { Codex } from './codex';
import {
  CLAUDE_CODE,
  CODEX,
  GEMINI_CLI,
  INSTALL_TIMEOUT_MS,
  LoginProgram,
  OPEN_CODE,
  provideCodingTool,
} from './codingTools';
import { useDemo } from './demo';
import { GeminiCli } from './gemini';
import { OpenCode } from './openCode';

// Tools are started several times.
jest.setTimeout(180_000);

const demo = useDemo();

/** What the model of the demo repeats. */
const QUESTION = 'Who owns checkout?';
/** What it says besides. */
const ANSWER = 'This is the model of the demo';

describe('coding tools with the models of the portal', () => {
  let dispose = () => {};

  afterEach(() => dispose());

  it(
    'OpenCode needs nothing but the URL of the portal',
    async () => {
      const openCode = new OpenCode({
        binary: await provideCodingTool(OPEN_CODE),
        config: {},
      });
      dispose = () => openCode.dispose();
      await openCode.logIn(demo.url, userCode =>
        demo.approveDevice('linus', { userCode }),
      );
      const models = await openCode.run('models');
      expect(models).toContain('anthropic/claude-haiku-4-5');
      expect(await openCode.ask(QUESTION)).toContain(ANSWER);
    },
    INSTALL_TIMEOUT_MS,
  );

  it(
    'Claude Code signs in at the proxy as its gateway, takes its settings, and asks',
    async () => {
      const tool = new ClaudeCode({
        binary: await provideCodingTool(CLAUDE_CODE),
        settings: {
          forceLoginMethod: 'gateway',
          forceLoginGatewayUrl: `${demo.url}/api/ai-proxy/anthropic`,
        },
      });
      dispose = () => tool.dispose();
      const states = await tool.logIn(userCode =>
        demo.approveDevice('linus', { userCode }),
      );
      expect(states.at(-1)!.state).toBe('done');
      expect(await tool.ask(QUESTION)).toContain(ANSWER);
      const managed = join(tool.home.path, '.claude', 'remote-settings.json');
      expect(JSON.parse(readFileSync(managed, 'utf8'))).toMatchObject({
        availableModels: expect.arrayContaining(['claude-haiku-4-5']),
        permissions: { deny: expect.arrayContaining(['Read(*.env)']) },
      });
    },
    INSTALL_TIMEOUT_MS,
  );

  it(
    'Codex asks with the token of the login script',
    async () => {
      const codex = new Codex(await provideCodingTool(CODEX));
      dispose = () => codex.dispose();
      const login = new LoginProgram(codex.home, demo.issuer);
      await login.signIn(userCode => demo.approveDevice('linus', { userCode }));
      codex.configure({
        modelUrl: `${demo.url}/api/ai-proxy/openai/v1`,
        tokenCommand: login.path,
      });
      expect(await codex.ask(QUESTION)).toContain(ANSWER);
    },
    INSTALL_TIMEOUT_MS,
  );

  it(
    'Gemini CLI asks with a token from its environment',
    async () => {
      const gemini = new GeminiCli({
        binary: await provideCodingTool(GEMINI_CLI),
        key: await demo.agentToken('linus', 'proxy'),
      });
      dispose = () => gemini.dispose();
      gemini.home.write(
        '.gemini/settings.json',
        JSON.stringify({
          security: { auth: { selectedType: 'gemini-api-key' } },
        }),
      );
      const { stdout } = await gemini.home.run(
        ['-m', 'gemini-2.5-pro', '-p', QUESTION],
        {
          env: {
            GOOGLE_GEMINI_BASE_URL: `${demo.url}/api/ai-proxy/google-ai-studio`,
          },
        },
      );
      expect(stdout).toContain(ANSWER);
    },
    INSTALL_TIMEOUT_MS,
  );
});
