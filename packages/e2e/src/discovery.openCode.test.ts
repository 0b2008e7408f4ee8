import {
  AgentConfig,
  mergeConfig,
  openCodeConfig,
} from '@prompt-corner/agent-config';
import {
  INSTALL_TIMEOUT_MS,
  OPEN_CODE,
  provideCodingTool,
  ScriptedModel,
  startScriptedModel,
} from './codingTools';
import { useDemo } from './demo';
import {
  compileExample,
  ConfiguredProxy,
  EXAMPLE_MODELS,
  startConfiguredProxy,
} from './discovery';
import { OpenCode } from './openCode';

// OpenCode is started for each question.
jest.setTimeout(180_000);

const demo = useDemo();

const ANSWER = 'A question';
const USER = '/discovery/opencode/user';
const INSTRUCTIONS = '/discovery/instructions/lantern.md';
const json = (value: object) => ({
  type: 'application/json' as const,
  body: JSON.stringify(value),
});

describe('OpenCode that is configured by one URL', () => {
  let binary: string;
  let example: AgentConfig;
  let model: ScriptedModel;
  let proxy: ConfiguredProxy;
  let openCode: OpenCode;

  beforeAll(async () => {
    binary = await provideCodingTool(OPEN_CODE);
    example = await compileExample();
  }, INSTALL_TIMEOUT_MS);

  beforeEach(async () => {
    model = await startScriptedModel({ calls: [], answer: () => ANSWER });
    proxy = await startConfiguredProxy(model.url);
    const script = `${demo.issuer}/login.sh?resource=${demo.endpoint}`;
    const config = mergeConfig(
      openCodeConfig(example.organisation, {
        urls: {
          baseURL: proxy.url,
          rootURL: demo.url,
          issuer: demo.issuer,
        },
        models: EXAMPLE_MODELS,
        tokenVariable: 'PROMPT_CORNER_TOKEN',
      }),
      { instructions: [`${proxy.url}${INSTRUCTIONS}`] },
    );
    proxy.answer(
      '/.well-known/opencode',
      json({
        auth: {
          command: [
            'sh',
            '-c',
            `script=$(curl -fsS '${script}') && sh -c "$script"`,
          ],
          env: 'PROMPT_CORNER_TOKEN',
        },
        config,
        remote_config: {
          url: `${proxy.url}${USER}`,
          headers: { Authorization: 'Bearer {env:PROMPT_CORNER_TOKEN}' },
        },
      }),
    );
    proxy.answer(INSTRUCTIONS, {
      type: 'text/markdown',
      body: example.organisation.instructions[0].text,
    });
    proxy.answer(USER, json({ config: {} }));
    openCode = new OpenCode({ binary, config: {} });
    await openCode.logIn(proxy.url, userCode =>
      demo.approveDevice('linus', { userCode }),
    );
  });

  afterEach(async () => {
    openCode?.dispose();
    await proxy?.stop();
    await model?.stop();
  });

  it('has the agents, commands and permissions of the organisation', async () => {
    const config = JSON.parse(await openCode.run('debug', 'config'));
    expect(Object.keys(config.command)).toEqual([
      'owner',
      'release-notes',
      'review',
    ]);
    expect(config.mcp.portal.url).toBe(`${demo.url}/mcp`);
    // Rules of the same kind as they were written, the last of which counts.
    expect(Object.entries(config.permission.bash)).toEqual(
      Object.entries(
        (example.organisation.config.permission as any).bash as object,
      ),
    );
    const agents = await openCode.run('agent', 'list');
    expect(agents).toMatch(/^incident \(primary\)/m);
    expect(agents).toMatch(/^reviewer \(subagent\)/m);
    expect(agents).toMatch(/^docs\/writer \(subagent\)/m);
  });

  it('has the models that there are, and asks with its token and instructions', async () => {
    expect((await openCode.run('models')).trim().split('\n').sort()).toEqual([
      'anthropic/claude-haiku-4-5',
      'anthropic/claude-sonnet-5-5',
      'google/gemini-3.8-flash',
      'openai/gpt-6.1-sol',
    ]);

    expect(await openCode.ask('Hello?')).toContain(ANSWER);
    const asked = proxy.seen.filter(
      ({ path }) => path === '/anthropic/v1/messages',
    );
    expect(asked.map(({ headers }) => headers['x-api-key'])).toContain(
      openCode.tokenFor(proxy.url),
    );
    expect(asked.map(({ body }) => body).join()).toContain(
      'Working at Lantern',
    );
  });

  it('has in the next session what a person gets on top, and no more than that person may use', async () => {
    proxy.answer(USER, token =>
      json({
        config:
          token === openCode.tokenFor(proxy.url)
            ? {
                ...example.teams['group:default/payments-team'].config,
                model: 'anthropic/claude-haiku-4-5',
                provider: { anthropic: { whitelist: ['claude-haiku-4-5'] } },
                enabled_providers: ['anthropic'],
                instructions: [
                  `${proxy.url}${INSTRUCTIONS}`,
                  `${proxy.url}/of-the-team.md`,
                ],
              }
            : {},
      }),
    );
    const agents = await openCode.run('agent', 'list');
    expect(agents).toMatch(/^settlement \(subagent\)/m);
    expect(agents).toMatch(/^reviewer \(subagent\)/m);
    expect((await openCode.run('models')).trim()).toBe(
      'anthropic/claude-haiku-4-5',
    );
    const config = JSON.parse(await openCode.run('debug', 'config'));
    // None of them twice, as it would be in each request twice.
    expect(config.instructions).toEqual([
      `${proxy.url}${INSTRUCTIONS}`,
      `${proxy.url}/of-the-team.md`,
    ]);
    expect(Object.keys(config.permission)).toEqual(
      Object.keys(example.organisation.config.permission as object),
    );
  });

  it('starts for whom no model is left, and for whom is signed out, or says how to sign in', async () => {
    proxy.answer(USER, json({ config: { enabled_providers: [] } }));
    expect((await openCode.run('models')).trim()).toBe('');

    proxy.answer(USER, json({ config: {} }));
    expect(await openCode.run('models')).toContain('claude-sonnet-5-5');

    proxy.answer(USER, { type: 'text/html', body: '<p>Signed out</p>' });
    await expect(openCode.run('models')).rejects.toThrow(
      `opencode auth login ${proxy.url}`,
    );
  });
});
