import { Codex, codexRedirectUri } from './codex';
import {
  CODEX,
  INSTALL_TIMEOUT_MS,
  LoginProgram,
  provideCodingTool,
  ScriptedModel,
  startScriptedModel,
} from './codingTools';
import { eventually, useDemo } from './demo';
import { authorizeWithoutBrowser } from './oauth';

const QUESTION = 'Who am I?';
const ANSWER = 'You are Linus Holm';

const demo = useDemo();

describe('Codex', () => {
  let binary: string;
  let model: ScriptedModel;
  let tool: Codex;

  beforeAll(async () => {
    binary = await provideCodingTool(CODEX);
  }, INSTALL_TIMEOUT_MS);

  beforeEach(async () => {
    tool = new Codex(binary);
    model = await startScriptedModel({
      // The mock knows nothing of the namespaces in which Codex offers tools of servers.
      calls: [
        {
          tool: 'read_mcp_resource',
          input: { server: 'catalog', uri: 'catalog://me' },
        },
      ],
      answer: result => `You are ${/Linus Holm/.exec(result)?.[0]}`,
    });
  });

  afterEach(async () => {
    tool?.dispose();
    await model?.stop();
  });

  it('asks the model with the token of the login script, and signs in only once', async () => {
    const login = new LoginProgram(tool.home, demo.issuer);
    tool.configure({ modelUrl: `${model.url}/v1`, tokenCommand: login.path });
    const token = await login.signIn(userCode =>
      demo.approveDevice('grace', { userCode }),
    );

    await tool.ask('Hello?');
    const asked = model.tokens().length;
    await tool.ask('Hello again?');
    expect(asked).toBeGreaterThan(0);
    expect(model.tokens().length).toBeGreaterThan(asked);
    expect([...new Set(model.tokens())]).toEqual([token]);
  });

  it('answers from the catalog with a token in a variable', async () => {
    tool.configure({
      modelUrl: `${model.url}/v1`,
      servers: {
        catalog: { url: demo.endpoint, tokenVariable: 'CATALOG_TOKEN' },
      },
    });
    const CATALOG_TOKEN = await demo.agentToken('linus');

    expect(await tool.ask(QUESTION, { CATALOG_TOKEN })).toContain(ANSWER);
  });

  it('signs in to the catalog by OAuth as a client that an administrator registered', async () => {
    const clientId = 'codex';
    const administer = async (path: string, init: RequestInit) =>
      fetch(`${demo.issuer}/admin/clients${path}`, {
        ...init,
        headers: {
          authorization: `Bearer ${await demo.signIn('ada')}`,
          'content-type': 'application/json',
        },
      });
    const registered = await administer('', {
      method: 'POST',
      body: JSON.stringify({
        id: clientId,
        name: 'Codex',
        redirectUris: [codexRedirectUri(demo.endpoint)],
        deviceFlow: false,
        confidential: false,
      }),
    });
    expect(registered.status).toBe(201);
    try {
      tool.configure({
        modelUrl: `${model.url}/v1`,
        servers: { catalog: { url: demo.endpoint, clientId } },
      });
      const token = await demo.signIn('linus');
      const signedIn = await tool.signIn('catalog', url =>
        authorizeWithoutBrowser(url, token),
      );
      expect(signedIn).toContain('Successfully logged in');
      expect(await tool.ask(QUESTION)).toContain(ANSWER);
    } finally {
      await administer(`/${clientId}`, { method: 'DELETE' });
    }
    // Whoever removes the client ends its connections.
    await eventually(() => tool.ask(QUESTION), {
      what: 'end of the access',
      isWanted: answer => !answer.includes(ANSWER),
      timeoutMs: 10_000,
    });
  });
});
