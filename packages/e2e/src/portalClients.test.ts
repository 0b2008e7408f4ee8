import { ClaudeCode } from './claudeCode';
import { Codex } from './codex';
import {
  CLAUDE_CODE,
  CODEX,
  INSTALL_TIMEOUT_MS,
  OPEN_CODE,
  provideCodingTool,
  ScriptedModel,
  startScriptedModel,
} from './codingTools';
import { eventually, useDemo } from './demo';
import { PortalUser, portalUrl, toolNames } from './mcpServers';
import { authorizeWithoutBrowser } from './oauth';
import { OpenCode, openCodeConfig, SERVER_NAME } from './openCode';

const QUESTION = 'What is LAN-4 about?';
const ANSWER = 'It is about finance-reports';
const WAIT_MS = 20_000;

const demo = useDemo();

describe('coding tools at the portal of the demo', () => {
  let endpoint: string;
  let linus: PortalUser;
  let model: ScriptedModel | undefined;
  let tool: { dispose(): void } | undefined;

  /** A model that looks at an issue with the tool, as the coding tool calls that. */
  async function askingModel(name: string): Promise<ScriptedModel> {
    model = await startScriptedModel({
      calls: [{ tool: name, input: { id: 'LAN-4' } }],
      answer: result =>
        `It is about ${/"service":\s*"([\w-]+)"/.exec(result)?.[1]}`,
    });
    return model;
  }

  beforeAll(async () => {
    endpoint = portalUrl(demo.url);
    linus = await PortalUser.signIn(demo.url, 'linus');
    const client = await linus.connect();
    await eventually(() => toolNames(client), {
      what: 'tools of the tracker',
      isWanted: names => names.includes('tracker_get_issue'),
      timeoutMs: WAIT_MS,
    });
    await client.close();
  });

  afterEach(async () => {
    tool?.dispose();
    await model?.stop();
  });

  it(
    'OpenCode signs in by OAuth, and calls a tool',
    async () => {
      const binary = await provideCodingTool(OPEN_CODE);
      const { url } = await askingModel(`${SERVER_NAME}_tracker_get_issue`);
      const openCode = new OpenCode({
        binary,
        config: await openCodeConfig({
          modelUrl: `${url}/v1`,
          endpoint,
          access: { type: 'oauth' },
        }),
      });
      tool = openCode;

      const signedIn = await openCode.signIn(page =>
        authorizeWithoutBrowser(page, linus.pageToken),
      );
      expect(signedIn).toContain('Authentication successful');
      expect(await openCode.ask(QUESTION)).toContain(ANSWER);
    },
    INSTALL_TIMEOUT_MS,
  );

  it(
    'Claude Code calls a tool with a token in a header',
    async () => {
      const binary = await provideCodingTool(CLAUDE_CODE);
      const name = 'mcp__lantern__tracker_get_issue';
      const { url } = await askingModel(name);
      const claude = new ClaudeCode({
        binary,
        settings: {
          env: { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: 'none' },
        },
      });
      tool = claude;
      const token = await linus.agentToken(endpoint);
      await claude.mcp(
        ...['add', '--transport', 'http', 'lantern', endpoint],
        ...['--header', `Authorization: Bearer ${token}`],
      );

      expect(await claude.mcp('list')).toMatch(/lantern: .* Connected/);
      expect(await claude.ask(QUESTION, [name])).toContain(ANSWER);
    },
    INSTALL_TIMEOUT_MS,
  );

  // What makes a terminal is called differently elsewhere.
  if (process.platform === 'linux') {
    it(
      'Claude Code signs in by OAuth, as the demo tells at its start',
      async () => {
        const binary = await provideCodingTool(CLAUDE_CODE);
        const name = 'mcp__lantern__tracker_get_issue';
        const { url } = await askingModel(name);
        const claude = new ClaudeCode({
          binary,
          settings: {
            env: { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: 'none' },
          },
        });
        tool = claude;
        await claude.mcp(
          ...['add', '--transport', 'http', 'lantern', `${demo.url}/mcp`],
          ...['--client-id', 'claude-code-mcp'],
        );
        const signedIn = await claude.signIn('lantern', page =>
          authorizeWithoutBrowser(page, linus.pageToken),
        );
        expect(signedIn).toContain('Authenticated with "lantern"');
        expect(await claude.ask(QUESTION, [name])).toContain(ANSWER);
      },
      INSTALL_TIMEOUT_MS,
    );
  }

  it(
    'Codex reads a resource with a token in a variable',
    async () => {
      const codex = new Codex(await provideCodingTool(CODEX));
      tool = codex;
      const client = await linus.connect();
      const { resources } = await client.listResources();
      await client.close();
      // The mock knows nothing of the namespaces in which Codex offers tools of servers.
      model = await startScriptedModel({
        calls: [
          {
            tool: 'read_mcp_resource',
            input: {
              server: 'lantern',
              uri: resources.find(({ uri }) => uri.endsWith('me'))?.uri,
            },
          },
        ],
        answer: result => `You are ${/Linus Holm/.exec(result)?.[0]}`,
      });
      codex.configure({
        modelUrl: `${model.url}/v1`,
        servers: { lantern: { url: endpoint, tokenVariable: 'PORTAL_TOKEN' } },
      });

      expect(
        await codex.ask('Who am I?', {
          PORTAL_TOKEN: await linus.agentToken(endpoint),
        }),
      ).toContain('You are Linus Holm');
    },
    INSTALL_TIMEOUT_MS,
  );
});
