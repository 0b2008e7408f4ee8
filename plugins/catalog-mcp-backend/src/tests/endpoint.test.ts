import { request as httpRequest } from 'node:http';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { mockServices } from '@backstage/backend-test-utils';
import { connect } from '../__testUtils__/connect';
import { asUser, Portal, startPortal } from '../__testUtils__/startPortal';

jest.setTimeout(120_000);

const LINUS = asUser('user:default/linus');

describe('the endpoint', () => {
  let portal: Portal;

  beforeAll(async () => {
    portal = await startPortal();
  });

  const post = (body: string | object, headers: Record<string, string> = {}) =>
    fetch(portal.endpoint, {
      method: 'POST',
      headers: {
        authorization: LINUS,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...headers,
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  const callOwner = {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'get_owner', arguments: { ref: 'payments-api' } },
  };

  /** fetch does not let a test choose the Host header. */
  const statusWithHost = (host: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest(
        portal.endpoint,
        { method: 'POST', headers: { host, authorization: LINUS } },
        response => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      request.on('error', reject);
      request.end();
    });

  const worksStill = async () => {
    const response = await post(callOwner);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('group:default/payments-team');
  };

  it('serves protocol revision 2026-07-28 and the ones before it on one URL', async () => {
    const { client } = await connect(portal);
    expect(client.getNegotiatedProtocolVersion()).toBe('2026-07-28');
    expect(client.getInstructions()).toContain('software catalog');

    const legacy = new LegacyClient({ name: 'legacy', version: '1.0.0' });
    await legacy.connect(
      new LegacyTransport(new URL(portal.endpoint), {
        requestInit: { headers: { authorization: LINUS } },
      }),
    );
    const { tools } = await legacy.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      'find_entities',
      'get_entity',
      'get_owner',
      'get_dependencies',
      'find_path',
      'impact_of',
      'find_apis',
      'get_api',
      'get_docs',
      'get_scorecard',
      'get_system',
      'get_data_stores',
      'resolve_repository',
      'get_team',
    ]);
    for (const tool of tools) {
      expect(tool.annotations).toEqual({
        readOnlyHint: true,
        destructiveHint: false,
        idempotentHint: true,
        openWorldHint: false,
      });
      expect(tool.outputSchema?.type).toBe('object');
      expect(tool.inputSchema.examples).not.toHaveLength(0);
    }
    const answer = await legacy.callTool({
      name: 'get_owner',
      arguments: { ref: 'payments-api' },
    });
    expect(answer.structuredContent).toMatchObject({
      owner: { ref: 'group:default/payments-team' },
    });
    await legacy.close();
  });

  it('offers resources, prompts and completions', async () => {
    const { client } = await connect(portal);
    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => uri)).toEqual([
      'catalog://me',
      'catalog://kinds',
    ]);
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates).toHaveLength(3);

    const text = async (uri: string) => {
      const { contents } = await client.readResource({ uri });
      return (contents[0] as { text: string }).text;
    };
    const team = JSON.parse(await text('catalog://me'));
    expect(team.ref).toBe('group:default/payments-team');
    expect(team.members).toHaveLength(2);
    expect(JSON.parse(await text('catalog://kinds')).kinds).toContain(
      'Component',
    );
    expect(
      JSON.parse(
        await text('catalog://entities/component/default/payments-api'),
      ).title,
    ).toBe('Payments API');
    expect(
      await text('catalog://apis/default/pricing-grpc/definition'),
    ).toContain('syntax = "proto3"');
    for (const uri of [
      'catalog://entities/component/default/nothing',
      'catalog://apis/default/nothing/definition',
      'catalog://docs/component/default/payments-api/runbook/',
      'catalog://else',
      'file:///etc/passwd',
    ]) {
      await expect(client.readResource({ uri })).rejects.toThrow(
        /no entity|not an API|not installed|no such resource/,
      );
    }

    const { prompts } = await client.listPrompts();
    expect(prompts.map(({ name }) => name)).toEqual([
      'understand_service',
      'assess_impact',
      'find_the_right_api',
    ]);
    const prompt = await client.getPrompt({
      name: 'understand_service',
      arguments: { ref: 'payments-api' },
    });
    expect(JSON.stringify(prompt.messages)).toContain('payments-api');
    await expect(
      client.getPrompt({ name: 'assess_impact', arguments: { ref: 'x' } }),
    ).rejects.toThrow('needs change');

    const complete = async (ref: object, name: string, value: string) =>
      (
        await client.complete({
          ref,
          argument: { name, value },
        } as Parameters<typeof client.complete>[0])
      ).completion.values;
    const forPrompt = { type: 'ref/prompt', name: 'understand_service' };
    expect(await complete(forPrompt, 'ref', 'paym')).toContain(
      'component:default/payments-api',
    );
    expect(await complete(forPrompt, 'ref', 'api:default/pay')).toEqual([
      'api:default/payment-events',
      'api:default/payments-rest',
    ]);
    const template = {
      type: 'ref/resource',
      uri: 'catalog://entities/{kind}/{namespace}/{name}',
    };
    expect(await complete(template, 'kind', 'com')).toEqual(['component']);
    expect(await complete(template, 'namespace', '')).toEqual(['default']);
  });

  it('refuses requests that a foreign web page made a browser send', async () => {
    expect(
      (await post(callOwner, { origin: 'https://evil.example' })).status,
    ).toBe(403);
    expect((await post(callOwner, { origin: 'null' })).status).toBe(403);
    expect((await post(callOwner, { origin: 'http://localhost' })).status).toBe(
      200,
    );
    expect(await statusWithHost('evil.example')).toBe(403);
    expect(await statusWithHost('localhost.evil.example')).toBe(403);
    expect(await statusWithHost('127.0.0.1:1234')).not.toBe(403);
  });

  it('answers bad requests with clear errors, and works on', async () => {
    const garbage = await post('{"jsonrpc": "2.0", "id": 1, "method"');
    expect(garbage.status).toBe(400);
    expect((await garbage.json()).error.code).toBe(-32700);

    const notRpc = await post({ hello: 'world' });
    expect(notRpc.status).toBe(400);
    await worksStill();

    const unknownTool = await post({
      ...callOwner,
      params: { name: 'drop_catalog', arguments: {} },
    });
    expect(await unknownTool.text()).toContain('There is no tool drop_catalog');

    const tooLarge = await post({
      ...callOwner,
      params: { name: 'get_owner', arguments: { ref: 'x'.repeat(10_000_000) } },
    });
    expect(tooLarge.status).toBe(413);
    await worksStill();

    expect(
      (await fetch(portal.endpoint, { headers: { authorization: LINUS } }))
        .status,
    ).toBe(405);
    expect(
      (await post(callOwner, { 'content-type': 'text/plain' })).status,
    ).toBe(415);

    const batch = await post([callOwner, callOwner]);
    expect(batch.status).toBe(400);
    expect((await batch.json()).error.message).toContain('batches');

    const { client, fail, ask } = await connect(portal);
    for (const uri of [
      'catalog://entities/a/../..',
      'catalog://apis/../../definition',
      'catalog://entities/%2e%2e/%2e%2e/%2e%2e',
      'catalog://docs/component/default/payments-api/..%2f..%2fx',
      `catalog://docs/component/default/payments-api/${'x'.repeat(500)}`,
    ]) {
      await expect(client.readResource({ uri })).rejects.toThrow(
        /no entity|not an API|not an entity ref|not a page|no such resource|not installed|arguments are not valid/,
      );
    }
    for (const ref of [
      'a:../..',
      'component:../..',
      'component:default/..',
      'component:default/',
      ':::',
      'component:default/../../secret',
      'a:b:c:d',
      '%00',
      '<script>alert(1)</script>',
      `component:default/${'x'.repeat(100)}`,
      '\u202e\ud83d',
    ]) {
      expect(await fail('get_entity', { ref })).toMatch(
        /not an entity ref|There is no entity|is named by/,
      );
    }
    for (const [tool, input, message] of [
      [
        'get_dependencies',
        { ref: 'payments-api', depth: 99 },
        'depth: Number must be less than or equal to 5',
      ],
      ['get_dependencies', { ref: 'payments-api', depth: 'deep' }, 'depth'],
      [
        'get_dependencies',
        { ref: 'payments-api', direction: 'up' },
        'direction',
      ],
      [
        'get_entity',
        { name: 'payments-api' },
        'There is no argument "name"; the arguments are ref',
      ],
      ['get_entity', { ref: 5 }, 'ref: Expected string'],
      ['find_entities', { query: 'x', limit: -1 }, 'limit'],
      [
        'find_entities',
        { kind: 'component', owner: 'nobody-at-all' },
        'There is no entity',
      ],
    ] as const) {
      expect(await fail(tool, input)).toContain(message);
    }
    expect(
      await ask('get_dependencies', { ref: 'payments-api', depth: ' 2 ' }),
    ).toBeDefined();
    const many = await fail('find_entities', { tags: Array(200_000).fill(1) });
    expect(many.length).toBeLessThan(2_000);
    await worksStill();
  });

  it('answers long inputs quickly, as nothing else is answered meanwhile', async () => {
    const { ask, client } = await connect(portal);
    const startedAt = Date.now();
    await ask('resolve_repository', {
      remote: 'org/repo',
      path: `x${'/'.repeat(990)}x`,
    });
    await ask('find_entities', { query: 's '.repeat(100) });
    await ask('find_apis', { query: 'a b c d e f '.repeat(16) });
    for (const argument of [
      { name: 'path', value: `x${'/'.repeat(100_000)}x` },
      { name: 'ref', value: 's '.repeat(20_000) },
    ]) {
      await client.callTool({
        name: 'resolve_repository',
        arguments: { remote: 'org/repo', [argument.name]: argument.value },
      });
      await client.complete({
        ref: { type: 'ref/prompt', name: 'understand_service' },
        argument,
      });
    }
    expect(Date.now() - startedAt).toBeLessThan(1_500);
  });
});

describe('the audit', () => {
  it('records who called which tool with which client, and how it ended', async () => {
    const event = { success: jest.fn(), fail: jest.fn() };
    const auditor = mockServices.auditor.mock({
      createEvent: jest.fn(async () => event),
    });
    const portal = await startPortal({
      entities: [],
      features: [auditor.factory],
    });
    const { ask, client, fail } = await connect(portal);
    await ask('find_entities', { kind: 'component' });
    await fail('get_owner', { ref: 'nobody' });
    await expect(
      client.readResource({ uri: 'catalog://apis/default/x/definition' }),
    ).rejects.toThrow('not an API');
    expect(auditor.createEvent).toHaveBeenCalledWith(
      expect.objectContaining({
        meta: expect.objectContaining({
          tool: 'resources/read',
          subject: 'catalog://apis/default/x/definition',
        }),
      }),
    );
    expect(auditor.createEvent).toHaveBeenCalledWith(
      expect.objectContaining({
        eventId: 'tool-call',
        severityLevel: 'medium',
        meta: {
          tool: 'get_owner',
          subject: 'nobody',
          client: 'test 1.0.0',
          caller: 'user:default/linus',
        },
      }),
    );
    expect(event.success).toHaveBeenCalledWith({ meta: { outcome: 'ok' } });
    await fail('get_entity', { ref: 'nothing' });
    expect(event.fail).toHaveBeenCalledWith(
      expect.objectContaining({ meta: { outcome: 'tool_error' } }),
    );
  });
});

describe('the rate limit', () => {
  it('stops a caller who asks too much, and nobody else', async () => {
    const portal = await startPortal({
      entities: [],
      config: { catalogMcp: { rateLimit: { requests: 3, window: '1h' } } },
    });
    const ask = (user: string) =>
      fetch(portal.endpoint, {
        method: 'POST',
        headers: {
          authorization: asUser(user),
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
        },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
      });
    for (let request = 0; request < 3; request++) {
      expect((await ask('user:default/greedy')).status).toBe(200);
    }
    const refused = await ask('user:default/greedy');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_000);
    expect((await refused.json()).error.message).toContain('Too many requests');
    expect((await ask('user:default/modest')).status).toBe(200);
  });
});
