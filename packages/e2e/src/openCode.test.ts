import {
  INSTALL_TIMEOUT_MS,
  OPEN_CODE,
  provideCodingTool,
  ScriptedModel,
  startScriptedModel,
} from './codingTools';
import { useDemo } from './demo';
import { connectClient } from './mcp';
import { authorizeWithoutBrowser } from './oauth';
import {
  Access,
  OpenCode,
  openCodeConfig,
  SERVER_NAME,
  serverWithToken,
  startProvider,
} from './openCode';

const QUESTION = 'Who owns the payments API?';
const ANSWER =
  'Owned by: Payments team, to be reached at https://chat.lantern.example/channels/payments';
/** What the catalog knows, and the model does not. */
const OWNER = expect.objectContaining({
  ref: 'component:default/payments-api',
  owner: expect.objectContaining({ ref: 'group:default/payments-team' }),
});

const demo = useDemo();

describe('OpenCode', () => {
  let binary: string;
  let model: ScriptedModel;
  let openCode: OpenCode | undefined;

  async function configure(access: Access): Promise<OpenCode> {
    const { endpoint } = demo;
    const config = await openCodeConfig({
      modelUrl: `${model.url}/v1`,
      endpoint,
      access,
    });
    openCode = new OpenCode({ binary, config });
    return openCode;
  }

  beforeAll(async () => {
    binary = await provideCodingTool(OPEN_CODE);
  }, INSTALL_TIMEOUT_MS);

  beforeEach(async () => {
    model = await startScriptedModel({
      calls: [{ tool: 'catalog_get_owner', input: { ref: 'payments-api' } }],
      answer: result => {
        const { title, chat } = JSON.parse(result).owner;
        return `Owned by: ${title}, to be reached at ${chat}`;
      },
    });
  });

  afterEach(async () => {
    openCode?.dispose();
    await model?.stop();
  });

  it('signs in by OAuth and answers from the catalog', async () => {
    const token = await demo.signIn('grace');
    const tool = await configure({ type: 'oauth' });

    const signedIn = await tool.signIn(url =>
      authorizeWithoutBrowser(url, token),
    );
    expect(signedIn).toContain('Authentication successful');

    expect(await tool.ask(QUESTION)).toContain(ANSWER);
    expect(model.toolResults().map(result => JSON.parse(result))).toEqual([
      OWNER,
    ]);
    expect(model.offeredTools()).toEqual(
      expect.arrayContaining(['catalog_find_entities', 'catalog_get_docs']),
    );
  });

  it('answers from the catalog with a token in a header', async () => {
    const tool = await configure({
      type: 'token',
      token: await demo.agentToken('joan'),
    });

    expect(await tool.ask(QUESTION)).toContain(ANSWER);
    expect(model.toolResults().map(result => JSON.parse(result))).toEqual([
      OWNER,
    ]);
  });

  it('logs in to a provider with the login script, whose token and configuration it then uses', async () => {
    const script = `${demo.issuer}/login.sh?resource=${demo.endpoint}`;
    const provider = await startProvider({
      auth: {
        command: ['sh', '-c', `curl -fsS '${script}' | sh`],
        env: 'CATALOG_TOKEN',
      },
      config: {
        mcp: {
          [SERVER_NAME]: serverWithToken(demo.endpoint, '{env:CATALOG_TOKEN}'),
        },
      },
    });
    try {
      const tool = await configure({ type: 'provider' });

      const loggedIn = await tool.logIn(provider.url, userCode =>
        demo.approveDevice('grace', { userCode }),
      );
      expect(loggedIn).toContain(`Logged into ${provider.url}`);

      const client = await connectClient(
        demo.endpoint,
        tool.tokenFor(provider.url),
      );
      await expect(client.ask('get_team')).resolves.toMatchObject({
        ref: 'group:default/ai-governance-team',
      });
      await client.close();
      expect(await tool.ask(QUESTION)).toContain(ANSWER);
      expect(model.toolResults().map(result => JSON.parse(result))).toEqual([
        OWNER,
      ]);
    } finally {
      await provider.stop();
    }
  });

  it('has no tools of the catalog before the user has signed in', async () => {
    const tool = await configure({ type: 'oauth' });

    await tool.ask(QUESTION);

    expect(model.toolResults()).toEqual([]);
    expect(model.offeredTools()).toContain('bash');
    expect(model.offeredTools().join()).not.toContain('catalog_');
  });
});
