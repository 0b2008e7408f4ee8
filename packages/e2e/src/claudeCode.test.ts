import { ClaudeCode } from './claudeCode';
import {
  CLAUDE_CODE,
  INSTALL_TIMEOUT_MS,
  LoginProgram,
  provideCodingTool,
  ScriptedModel,
  startScriptedModel,
} from './codingTools';
import { eventually, useDemo } from './demo';
import { authorizeWithoutBrowser } from './oauth';

const QUESTION = 'Who owns the payments API?';
const TOOL = 'mcp__catalog__get_owner';

const demo = useDemo();

describe('Claude Code', () => {
  let binary: string;
  let model: ScriptedModel;
  let tool: ClaudeCode;

  /** Connections of Joan, whom nobody else signs in here. */
  async function connections(): Promise<any[]> {
    const response = await fetch(`${demo.issuer}/connections`, {
      headers: { authorization: `Bearer ${await demo.signIn('joan')}` },
    });
    return (await response.json()).items;
  }

  beforeAll(async () => {
    binary = await provideCodingTool(CLAUDE_CODE);
  }, INSTALL_TIMEOUT_MS);

  beforeEach(async () => {
    tool = new ClaudeCode({ binary });
    model = await startScriptedModel({
      calls: [{ tool: TOOL, input: { ref: 'payments-api' } }],
      answer: result => `Owned by: ${JSON.parse(result).owner.title}`,
    });
  });

  afterEach(async () => {
    tool?.dispose();
    await model?.stop();
  });

  it('logs in at the portal as at a gateway, and out', async () => {
    tool.configure({
      forceLoginMethod: 'gateway',
      forceLoginGatewayUrl: `${demo.issuer}/claude-code`,
    });
    const name = 'Claude Code on the laptop';
    const states = await tool.logIn(userCode =>
      demo.approveDevice('joan', { userCode, name }),
    );

    expect(states.map(({ state }) => state).slice(-3)).toEqual([
      'polling',
      'saving',
      'done',
    ]);
    expect(await connections()).toContainEqual(
      expect.objectContaining({
        name,
        client: expect.objectContaining({ id: 'claude-code' }),
        resources: [
          expect.objectContaining({ kind: 'proxy', scopes: ['models:use'] }),
        ],
      }),
    );

    await tool.logOut();
    // It tells the portal when it has ended already.
    await eventually(connections, {
      what: 'end of the connection',
      isWanted: all => all.every(connection => connection.name !== name),
      timeoutMs: 20_000,
    });
  });

  it('asks the model with the token of the login script, and signs in only once', async () => {
    const login = new LoginProgram(tool.home, demo.issuer);
    tool.configure({
      apiKeyHelper: login.path,
      env: { ANTHROPIC_BASE_URL: model.url },
    });
    const token = await login.signIn(userCode =>
      demo.approveDevice('joan', { userCode, name: 'apiKeyHelper' }),
    );

    await tool.ask('Hello?');
    const asked = model.tokens().length;
    await tool.ask('Hello again?');
    expect(asked).toBeGreaterThan(0);
    expect(model.tokens().length).toBeGreaterThan(asked);
    expect([...new Set(model.tokens())]).toEqual([token]);
    expect(await connections()).toContainEqual(
      expect.objectContaining({
        name: 'apiKeyHelper',
        resources: [expect.objectContaining({ kind: 'proxy' })],
      }),
    );
  });

  it('answers from the catalog with a token in a header', async () => {
    tool.configure({
      env: { ANTHROPIC_BASE_URL: model.url, ANTHROPIC_AUTH_TOKEN: 'none' },
    });
    const token = await demo.agentToken('linus');
    await tool.mcp(
      ...['add', '--transport', 'http', 'catalog', demo.endpoint],
      ...['--header', `Authorization: Bearer ${token}`],
    );

    expect(await tool.mcp('list')).toMatch(/catalog: .* Connected/);
    expect(await tool.ask(QUESTION, [TOOL])).toContain(
      'Owned by: Payments team',
    );
  });

  // What makes a terminal is called differently elsewhere.
  if (process.platform === 'linux') {
    it('signs in to the catalog by OAuth, and answers from it', async () => {
      tool.configure({
        env: { ANTHROPIC_BASE_URL: model.url, ANTHROPIC_AUTH_TOKEN: 'none' },
      });
      await tool.mcp(
        ...['add', '--transport', 'http', 'catalog', demo.endpoint],
        ...['--client-id', 'claude-code-mcp'],
      );
      expect(await tool.mcp('list')).toMatch(/catalog: .* Needs auth/);

      const token = await demo.signIn('linus');
      const signedIn = await tool.signIn('catalog', url =>
        authorizeWithoutBrowser(url, token),
      );
      expect(signedIn).toContain('Authenticated with "catalog"');
      expect(await tool.mcp('list')).toMatch(/catalog: .* Connected/);
      expect(await tool.ask(QUESTION, [TOOL])).toContain(
        'Owned by: Payments team',
      );
    });
  }
});
