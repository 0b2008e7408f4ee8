import {
  EverythingServer,
  EverythingTool,
  startEverythingServer,
} from '../__testUtils__/everything';
import {
  AnyClient,
  CLIENT_KINDS,
  ClientKind,
  connectClient,
} from '../__testUtils__/connectClient';
import { startOriginalPortal } from '../__testUtils__/startOriginalPortal';
import type { TestPortal } from '../__testUtils__/startPortal';

jest.setTimeout(20_000);

const PAIRS = CLIENT_KINDS.flatMap(kind =>
  (['old', 'new'] as const).map(server => ({ kind, server })),
);

/** What the newer revision says of the server, the result and the request itself. */
const OF_THE_CONNECTION = /^(resultType|ttlMs|cacheScope)$/;

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

const definition = {
  name: 'rich',
  title: 'A rich tool',
  description: 'Has every field that there is, and more',
  icons: [
    {
      src: 'https://icons.example/a.png',
      mimeType: 'image/png',
      sizes: ['48x48'],
    },
  ],
  annotations: {
    title: 'Rich',
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: true,
    openWorldHint: false,
    'example.com/hint': 7,
  },
  inputSchema: {
    type: 'object',
    properties: {
      order: { $ref: '#/$defs/order' },
      'x-extra': { type: 'integer', 'example.com/unit': 'ms' },
    },
    $defs: { order: { type: 'object', unevaluatedProperties: true } },
    'example.com/keyword': [1, { a: null }],
  },
  outputSchema: {
    type: 'object',
    properties: { total: { type: 'number' } },
    required: ['total'],
    'example.com/keyword': true,
  },
  _meta: { 'example.com/owner': { team: 'orders' } },
  'example.com/field': { nested: ['kept'] },
};

const result = {
  content: [
    {
      type: 'text',
      text: 'Total: 3 €',
      annotations: { audience: ['user'], priority: 0.5 },
      _meta: { 'example.com/block': 1 },
    },
    { type: 'image', data: 'AAAA', mimeType: 'image/png' },
    { type: 'audio', data: 'AAAA', mimeType: 'audio/wav' },
    {
      type: 'resource_link',
      uri: 'test://static-text',
      name: 'Static',
      title: 'A link',
      size: 12,
      icons: [{ src: 'https://icons.example/b.png' }],
    },
    {
      type: 'resource',
      resource: {
        uri: 'test://order',
        text: '{}',
        mimeType: 'application/json',
      },
      annotations: { lastModified: '2026-01-01T00:00:00Z' },
    },
  ],
  structuredContent: {
    total: 3,
    'example.com/more': { deep: [null, false, ''] },
  },
  _meta: { 'example.com/trace': 'abc' },
  'example.com/field': 'kept',
};

describe('what a server says reaches clients as it was said', () => {
  const received: Array<{ args: unknown; meta: unknown }> = [];
  const rich: EverythingTool = {
    ...definition,
    run: (args, ctx) => {
      received.push({ args, meta: ctx.mcpReq._meta });
      return result;
    },
  };
  const wrong: EverythingTool = {
    name: 'wrong',
    description: 'Says what its schema does not allow',
    inputSchema: { type: 'object' },
    outputSchema: { type: 'object', required: ['total'] },
    run: () => ({ content: [], structuredContent: {} }),
  };
  const servers: Record<string, EverythingServer> = {};
  let portal: TestPortal;
  const clients: AnyClient[] = [];

  beforeAll(async () => {
    const tools = [rich, wrong];
    servers.old = await startEverythingServer({ eras: ['legacy'], tools });
    servers.new = await startEverythingServer({ eras: ['modern'], tools });
    portal = await startOriginalPortal({
      old: servers.old.url,
      new: servers.new.url,
    });
  });

  afterEach(async () => {
    await Promise.all(clients.splice(0).map(client => client.close()));
  });

  afterAll(async () => {
    await portal?.stop();
    await Promise.all(Object.values(servers).map(server => server.stop()));
  });

  const connect = async (kind: ClientKind, server: string) => {
    const client = await connectClient({
      kind,
      url: portal.endpoint(server),
      token: portal.tokenOf(),
    });
    clients.push(client);
    return client;
  };

  describe.each(PAIRS)('$kind client, $server server', ({ kind, server }) => {
    it('definitions, with fields that nobody knows', async () => {
      const client = await connect(kind, server);
      const { tools } = await client.request('tools/list');

      expect(
        tools.find(({ name }: { name: string }) => name === 'rich'),
      ).toEqual(definition);
    });

    it('results, with fields that nobody knows', async () => {
      const client = await connect(kind, server);
      const answer = await client.request('tools/call', {
        name: 'rich',
        arguments: { order: { id: 1 } },
      });

      expect(withoutConnection(answer, kind)).toEqual(result);
    });

    it('arguments and what a client says of its call', async () => {
      const client = await connect(kind, server);
      const args = { order: { a: [1, null, { b: '' }] }, 'x-extra': 2 };
      await client.request('tools/call', {
        name: 'rich',
        arguments: args,
        _meta: { 'example.com/run': 'r1', traceparent: TRACEPARENT },
      });
      const { args: sent, meta } = received.at(-1)!;

      expect(sent).toEqual(args);
      expect(meta).toMatchObject({
        'example.com/run': 'r1',
        traceparent: TRACEPARENT,
      });
    });

    it('prompts, resources and completions', async () => {
      const client = await connect(kind, server);

      expect(
        withoutConnection(
          await client.request('resources/read', { uri: 'test://static-text' }),
          kind,
        ),
      ).toEqual({
        contents: [
          {
            uri: 'test://static-text',
            mimeType: 'text/plain',
            text: 'This is the content of the static text resource.',
          },
        ],
      });
      expect(await client.request('resources/templates/list')).toMatchObject({
        resourceTemplates: [{ uriTemplate: 'test://template/{id}/data' }],
      });
      expect(
        await client.request('completion/complete', {
          ref: { type: 'ref/prompt', name: 'test_prompt_with_arguments' },
          argument: { name: 'arg1', value: 'par' },
        }),
      ).toMatchObject({
        completion: { values: ['paris', 'park', 'party'], total: 3 },
      });
      expect(
        await client.request('completion/complete', {
          ref: { type: 'ref/resource', uri: 'test://template/{id}/data' },
          argument: { name: 'id', value: 'pari' },
        }),
      ).toMatchObject({ completion: { values: ['paris'] } });
    });

    it('errors, with their codes', async () => {
      const client = await connect(kind, server);

      await expect(
        client.request('tools/call', { name: 'nothing', arguments: {} }),
      ).rejects.toMatchObject({ code: -32602 });
      await expect(
        client.request('tools/call', {
          name: 'test_missing_capability',
          arguments: {},
        }),
      ).rejects.toMatchObject({
        code: -32021,
        data: { requiredCapabilities: { sampling: {} } },
      });
      await expect(
        client.request('resources/read', { uri: 'test://nothing' }),
      ).rejects.toMatchObject({ data: { uri: 'test://nothing' } });
    });

    it('but for a result that its own schema does not allow', async () => {
      const client = await connect(kind, server);

      expect(
        await client.request('tools/call', { name: 'wrong', arguments: {} }),
      ).toMatchObject({
        isError: true,
        content: [{ text: expect.stringContaining("'total'") }],
      });
    });
  });

  it('a result names the portal, not the server behind it, and is for the caller alone', async () => {
    const client = await connect('v2', 'new');
    const called = await client.request('tools/call', {
      name: 'test_simple_text',
      arguments: {},
    });
    const read = await client.request('resources/read', {
      uri: 'test://static-text',
    });

    expect(called._meta).toEqual({
      'io.modelcontextprotocol/serverInfo': expect.objectContaining({
        name: 'prompt-corner',
      }),
    });
    expect(read).toMatchObject({ cacheScope: 'private', ttlMs: 0 });
  });

  it('arguments that are headers too have to agree with them', async () => {
    const token = portal.tokenOf();
    const call = async (region: string, header?: string) => {
      const response = await fetch(portal.endpoint('new'), {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-protocol-version': '2026-07-28',
          'mcp-method': 'tools/call',
          'mcp-name': 'test_header_arguments',
          ...(header !== undefined && { 'mcp-param-region': header }),
        },
        body: JSON.stringify({
          jsonrpc: '2.0',
          id: 1,
          method: 'tools/call',
          params: {
            name: 'test_header_arguments',
            arguments: { region },
            _meta: {
              'io.modelcontextprotocol/protocolVersion': '2026-07-28',
              'io.modelcontextprotocol/clientInfo': { name: 't', version: '1' },
              'io.modelcontextprotocol/clientCapabilities': {},
            },
          },
        }),
      });
      const { error, result: answer } = await response.json();
      return error
        ? [response.status, error.code]
        : [response.status, answer.content[0].text];
    };

    expect(await call('eu', 'eu')).toEqual([200, 'eu']);
    expect(await call('größe', '=?base64?Z3LDtsOfZQ==?=')).toEqual([
      200,
      'größe',
    ]);
    expect(await call('eu')).toEqual([400, -32020]);
    expect(await call('eu', 'us')).toEqual([400, -32020]);
    expect(await call('eu', '=?base64?ZXU?=')).toEqual([400, -32020]);
  });

  it('arguments that are headers too are sent as such, to a server that looks', async () => {
    const client = await connect('v1', 'new');

    expect(
      await client.request('tools/call', {
        name: 'test_header_arguments',
        arguments: { region: 'größe' },
      }),
    ).toMatchObject({ content: [{ text: 'größe' }] });
    expect(servers.new.lastHeaders()['mcp-param-region']).toBe(
      '=?base64?Z3LDtsOfZQ==?=',
    );
  });
});

/** Clients of older revisions are told none of it. */
function withoutConnection(
  answer: Record<string, any>,
  kind: ClientKind,
): object {
  if (kind !== 'v2') {
    return answer;
  }
  const { _meta: meta, ...rest } = answer;
  const { 'io.modelcontextprotocol/serverInfo': _, ...kept } = meta ?? {};
  return {
    ...Object.fromEntries(
      Object.entries(rest).filter(([key]) => !OF_THE_CONNECTION.test(key)),
    ),
    ...(Object.keys(kept).length && { _meta: kept }),
  };
}
