import {
  EverythingServer,
  startEverythingServer,
} from '../__testUtils__/everything';
import {
  Answer,
  AnyClient,
  CLIENT_KINDS,
  ClientKind,
  connectClient,
} from '../__testUtils__/connectClient';
import { startOriginalPortal } from '../__testUtils__/startOriginalPortal';
import type { TestPortal } from '../__testUtils__/startPortal';
import { startSseServer } from '../__testUtils__/startSseServer';
import type { TestServer } from '../__testUtils__/startServer';

jest.setTimeout(20_000);

const SERVERS = ['old', 'new'] as const;
const PAIRS = CLIENT_KINDS.flatMap(kind =>
  SERVERS.map(server => ({ kind, server })),
);

/** What a user and a model of the tests say. */
const answer: Answer = ({ method, params }) => {
  switch (method) {
    case 'roots/list':
      return { roots: [{ uri: 'file:///home/ada', name: 'home' }] };
    case 'sampling/createMessage':
      return {
        role: 'assistant',
        content: { type: 'text', text: 'Paris' },
        model: 'test',
      };
    default:
      return params.mode === 'url'
        ? { action: 'accept' }
        : { action: 'accept', content: contentFor(params) };
  }
};

describe('clients and servers of different protocol revisions', () => {
  const servers: Record<string, EverythingServer> = {};
  let sse: TestServer;
  let portal: TestPortal;
  const clients: AnyClient[] = [];

  beforeAll(async () => {
    servers.old = await startEverythingServer({ eras: ['legacy'] });
    servers.new = await startEverythingServer({ eras: ['modern'] });
    sse = await startSseServer();
    portal = await startOriginalPortal({
      old: servers.old.url,
      new: servers.new.url,
      sse: { url: sse.url, type: 'sse' },
    });
  });

  afterEach(async () => {
    await Promise.all(clients.splice(0).map(client => client.close()));
  });

  afterAll(async () => {
    await portal?.stop();
    await Promise.all(
      [...Object.values(servers), sse].map(server => server?.stop()),
    );
  });

  const connect = async (
    kind: ClientKind,
    server: string,
    answers: Answer | null = answer,
  ) => {
    const client = await connectClient({
      kind,
      url: portal.endpoint(server),
      token: portal.tokenOf(),
      answer: answers ?? undefined,
    });
    clients.push(client);
    return client;
  };

  describe.each(PAIRS)('a $kind client and the $server server', pair => {
    const { kind, server } = pair;

    it('exchange forms, pages to visit, samples and roots', async () => {
      const client = await connect(kind, server);
      const call = (name: string, args = {}) => callText(client, name, args);

      expect(
        await call('test_elicitation', { message: 'Who is there?' }),
      ).toContain('action=accept, content={"username":"a","email":"a"}');
      expect(await call('test_url_elicitation')).toContain('action=accept');
      expect(await call('test_sampling', { prompt: 'Capital?' })).toBe(
        'LLM response: Paris',
      );
      expect(await call('test_input_required_result_list_roots')).toBe(
        '1 roots',
      );
      expect(client.questions.map(({ method }) => method)).toEqual([
        'elicitation/create',
        'elicitation/create',
        'sampling/createMessage',
        'roots/list',
      ]);
      const [form, page] = client.questions;
      // The newer revision has no ids for pages.
      expect(typeof page.params.elicitationId).toBe(
        kind === 'v2' ? 'undefined' : 'string',
      );
      expect(form.params).toMatchObject({
        message: 'Who is there?',
        requestedSchema: {
          properties: { email: { description: "User's email address" } },
          required: ['username', 'email'],
        },
      });
      expect(page.params).toMatchObject({
        mode: 'url',
        url: 'https://orders.example/sign/17',
      });
    });

    it('go through several rounds, and several questions in one', async () => {
      const client = await connect(kind, server);

      expect(
        await callText(client, 'test_input_required_result_multi_round'),
      ).toBe('a likes a');
      expect(
        JSON.parse(
          await callText(client, 'test_input_required_result_multiple_inputs'),
        ),
      ).toMatchObject({
        user_name: { action: 'accept', content: { name: 'a' } },
        greeting: { content: { text: 'Paris' } },
        client_roots: { roots: [{ uri: 'file:///home/ada' }] },
      });
    });

    it('ask before a prompt', async () => {
      const client = await connect(kind, server);

      expect(
        await client.request('prompts/get', {
          name: 'test_input_required_result_prompt',
        }),
      ).toMatchObject({ messages: [{ content: { text: 'Context: a' } }] });
    });

    it('hear that a user does not want to answer', async () => {
      const client = await connect(kind, server, () => ({ action: 'decline' }));

      expect(
        await callText(client, 'test_elicitation', { message: 'Well?' }),
      ).toContain('action=decline');
    });

    it('tell progress while a tool works', async () => {
      const client = await connect(kind, server);
      const progress: object[] = [];
      await client.request(
        'tools/call',
        { name: 'test_tool_with_progress', arguments: {} },
        { onprogress: step => progress.push(step) },
      );

      expect(progress).toEqual(
        [0, 50, 100].map(value => ({ progress: value, total: 100 })),
      );
    });

    it('keep calls apart that are made at the same time', async () => {
      const client = await connect(kind, server);
      const emails = Array.from({ length: 20 }, (_, number) => `${number}@a.b`);
      const steps: object[][] = [];

      expect(
        await Promise.all(
          emails.map(email =>
            callText(client, 'json_schema_2020_12_tool', { email }),
          ),
        ),
      ).toEqual(emails.map(email => JSON.stringify({ email })));
      await Promise.all(
        emails.slice(0, 5).map((_, index) => {
          steps[index] = [];
          return client.request(
            'tools/call',
            { name: 'test_tool_with_progress', arguments: {} },
            { onprogress: step => steps[index].push(step) },
          );
        }),
      );
      expect(steps.map(({ length }) => length)).toEqual([3, 3, 3, 3, 3]);
    });

    it('pass messages on to who asked for them, from the level on', async () => {
      const client = await connect(kind, server);
      const call = () => callText(client, 'test_tool_with_logging');
      const messages = () =>
        client.notifications.splice(0).map(({ params }) => params?.data);

      await client.wantMessages('info');
      await call();
      expect(messages()).toEqual([
        'Tool execution started',
        'Tool processing data',
        'Tool execution completed',
      ]);
      await client.wantMessages('warning');
      await call();
      expect(messages()).toEqual([]);
    });

    it('say what a client without the capability cannot do', async () => {
      const client = await connect(kind, server, null);

      await expect(
        callText(client, 'test_elicitation', { message: 'Well?' }),
      ).rejects.toThrow(/elicitation|capabilit|method not found/i);
    });
  });

  it('a server of HTTP with SSE only is asked, and asks back', async () => {
    for (const kind of CLIENT_KINDS) {
      const client = await connect(kind, 'sse');
      const { tools } = await client.request('tools/list');

      expect(tools).toMatchObject([{ name: 'greet' }]);
      expect(await callText(client, 'greet')).toBe('Hello a');
      expect(client.questions).toHaveLength(1);
    }
  });

  it('a server that has forgotten its sessions gets a new one, and the client does not notice', async () => {
    for (const kind of CLIENT_KINDS) {
      const client = await connect(kind, 'old');
      await callText(client, 'test_simple_text');
      const { opened } = servers.old.sessions();
      servers.old.forgetSessions();

      expect(await callText(client, 'test_simple_text')).toContain('simple');
      expect(await callText(client, 'test_simple_text')).toContain('simple');
      expect(servers.old.sessions()).toEqual({ opened: opened + 1, open: 1 });
    }
  });

  it('each session of a client has its own session with the server', async () => {
    const before = servers.old.sessions().opened;
    const [one, other] = [
      await connect('v1', 'old'),
      await connect('v1', 'old'),
    ];
    for (const client of [one, other, one, other]) {
      await callText(client, 'test_simple_text');
    }

    expect(servers.old.sessions().opened - before).toBe(2);
  });

  it('a client hears of changes of a resource that it has subscribed to, and of no other', async () => {
    for (const server of SERVERS) {
      const client = await connect('v1', server);
      await client.request('resources/subscribe', {
        uri: 'test://watched-resource',
      });
      const change = (uri: string) =>
        callText(client, 'test_trigger_resource_change', { uri });
      const updates = () =>
        client.notifications.filter(
          ({ method }) => method === 'notifications/resources/updated',
        );
      // The portal begins to listen a moment later.
      for (let tries = 0; !updates().length && tries < 50; tries++) {
        await change('test://static-text');
        await change('test://watched-resource');
        await new Promise(resolve => setTimeout(resolve, 100));
      }

      expect(new Set(updates().map(({ params }) => params?.uri))).toEqual(
        new Set(['test://watched-resource']),
      );
    }
  });
});

async function callText(
  client: AnyClient,
  name: string,
  args: Record<string, unknown> = {},
): Promise<string> {
  const result = await client.request('tools/call', { name, arguments: args });
  const [{ text }] = result.content;
  if (result.isError) {
    throw new Error(text);
  }
  return text;
}

/** Fills in the required fields of a form. */
function contentFor({ requestedSchema }: Record<string, any>) {
  return Object.fromEntries(
    requestedSchema.required.map((name: string) => [
      name,
      requestedSchema.properties[name].type === 'boolean' ? true : 'a',
    ]),
  );
}
