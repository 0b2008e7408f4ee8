import {
  INSTALL_TIMEOUT_MS,
  OPEN_CODE,
  provideCodingTool,
} from './codingTools';
import { useDemo } from './demo';
import { authorizeWithoutBrowser } from './oauth';
import {
  Access,
  OpenCode,
  openCodeConfig,
  ScriptedModel,
  startScriptedModel,
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
      modelUrl: model.url,
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
      tool: 'catalog_get_owner',
      input: { ref: 'payments-api' },
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
    const tool = await configure({ type: 'oauth', portalUrl: demo.url });

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
      token: await demo.signIn('joan'),
    });

    expect(await tool.ask(QUESTION)).toContain(ANSWER);
    expect(model.toolResults().map(result => JSON.parse(result))).toEqual([
      OWNER,
    ]);
  });

  it('has no tools of the catalog before the user has signed in', async () => {
    const tool = await configure({ type: 'oauth', portalUrl: demo.url });

    await tool.ask(QUESTION);

    expect(model.toolResults()).toEqual([]);
    expect(model.offeredTools()).toContain('bash');
    expect(model.offeredTools().join()).not.toContain('catalog_');
  });
});
