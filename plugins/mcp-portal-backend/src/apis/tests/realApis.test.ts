import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { CallToolResult } from '@modelcontextprotocol/client';
import {
  APIS_DOWNLOAD_TIMEOUT_MS,
  provideDescriptions,
  providePrism,
} from '@prompt-corner/e2e/src/apis';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { auditRecords } from '../../__testUtils__/pages';
import { startPortal, TestPortal } from '../../__testUtils__/startPortal';
import { PrismServer, startPrism } from '../__testUtils__/startPrism';
import {
  passTo,
  Recorder,
  startRecorder,
} from '../__testUtils__/startRecorder';

jest.setTimeout(300_000);

const SECRET = 'the-token-of-the-portal';

const POLICIES = `
@id("read")
permit (principal, action == Action::"call_tool", resource)
when { resource.class == ToolClass::"read" };

@id("issues")
permit (principal, action == Action::"call_tool", resource)
when { resource.name == "POST /repos/{owner}/{repo}/issues" };

@id("not-secret")
forbid (principal, action == Action::"call_tool", resource)
when { resource.name like "GET /repos/{owner}/{repo}/actions/secrets*" };
`;

describe('GitHub and Autotask, of which Prism makes servers', () => {
  let prism: PrismServer;
  let api: Recorder;
  let portal: TestPortal;
  const ada = randomUUID();

  beforeAll(async () => {
    const { github, autotask } = await provideDescriptions();
    prism = await startPrism(await providePrism(), github);
    api = await startRecorder(passTo(prism.url));
    portal = await startPortal({
      servers: {
        github: { url: api.url, definition: readFileSync(github, 'utf8') },
        autotask: {
          url: 'http://127.0.0.1:9/ATServicesRest',
          definition: readFileSync(autotask, 'utf8'),
        },
      },
      config: {
        policy: { default: false, policies: POLICIES },
        servers: {
          github: {
            credentials: {
              mode: 'header',
              origin: api.url,
              headers: [{ name: 'Authorization', value: `Bearer ${SECRET}` }],
            },
          },
        },
      },
    });
  }, APIS_DOWNLOAD_TIMEOUT_MS);

  afterAll(async () => {
    await portal?.stop();
    await api?.stop();
    await prism?.stop();
  });

  async function run(
    tool: string,
    code: string,
    at = 'default',
  ): Promise<{ value: any; text: string; isError: boolean }> {
    const client = await portal.connect({ uuid: ada }, { portal: at });
    try {
      const result = (await client.callTool({
        name: tool,
        arguments: { code },
      })) as CallToolResult;
      const text = result.content
        .map(block => (block.type === 'text' ? block.text : ''))
        .join('\n');
      const isError = result.isError === true;
      return { text, isError, value: isError ? undefined : JSON.parse(text) };
    } finally {
      await client.close();
    }
  }

  it('are two tools each, of fewer than 1,000 tokens', async () => {
    const client = await portal.connect();
    const { tools } = await client.listTools();
    await client.close();
    const names = tools.map(({ name }) => name);
    expect(names.filter(name => !name.startsWith('portal_'))).toEqual([
      'autotask_search',
      'autotask_execute',
      'github_search',
      'github_execute',
    ]);
    const own = await portal.connect({}, { portal: 'apis/github' });
    const listed = await own.listTools();
    await own.close();
    expect(listed.tools.map(({ name }) => name)).toEqual(['search', 'execute']);
    expect(encode(JSON.stringify(listed.tools)).length).toBeLessThan(1_000);
    expect(
      encode(
        JSON.stringify(tools.filter(({ name }) => name.startsWith('github'))),
      ).length,
    ).toBeLessThan(1_000);
  });

  it('are searched, with all that belongs to an operation', async () => {
    const { value, text } = await run(
      'github_search',
      `async () => {
        const found = await github.search('create an issue', { limit: 5 });
        const { post } = spec.paths['/repos/{owner}/{repo}/issues'];
        return {
          found: found.map(({ name }) => name),
          title: post.requestBody.content['application/json'].schema.properties.title.description,
          owner: post.parameters[0].name,
          paths: Object.keys(spec.paths).length,
        };
      }`,
    );
    expect(text).toContain('POST /repos/{owner}/{repo}/issues');
    expect(value).toMatchObject({
      title: 'The title of the issue.',
      owner: 'owner',
      paths: expect.any(Number),
    });
    const autotask = await run(
      'search',
      `async () => Object.entries(spec.paths).flatMap(([path, item]) => Object.keys(item)).filter(key => key === 'get').length`,
      'apis/autotask',
    );
    expect(autotask.value).toBeGreaterThan(1_000);
  });

  it('show what policy permits the caller, and nothing else', async () => {
    const { value } = await run(
      'github_search',
      `async () => {
        const methods = Object.values(spec.paths).flatMap(item => Object.keys(item));
        const found = await github.search('delete a repository secret', { limit: 50 });
        return {
          writing: methods.filter(key => ['post', 'put', 'patch', 'delete'].includes(key)),
          secrets: Object.keys(spec.paths).filter(path => path.includes('/actions/secrets') && path.startsWith('/repos/{owner}')),
          deleting: found.filter(({ name }) => name.startsWith('DELETE')),
          keys: Object.keys(spec),
        };
      }`,
    );
    expect(value).toEqual({
      writing: ['post'],
      secrets: [],
      deleting: [],
      keys: ['openapi', 'paths'],
    });
  });

  it('are requested with the credential, which code never sees', async () => {
    api.requests.length = 0;
    const { value, text } = await run(
      'github_execute',
      `async () => {
        const { status, headers, body } = await github.request({
          path: '/repos/octocat/Hello-World/issues',
          query: { state: 'open', labels: 'bug,ui', per_page: 5 },
        });
        const created = await github.request({
          method: 'POST',
          path: '/repos/octocat/Hello-World/issues',
          body: { title: 'Found a bug' },
        });
        return {
          status, type: headers['content-type'], titles: body.map(({ title }) => title),
          created: [created.status, created.body.number],
          seen: JSON.stringify([headers, Object.keys(globalThis), typeof fetch, typeof process]),
        };
      }`,
    );
    expect(value).toMatchObject({
      status: 200,
      titles: ['Found a bug'],
      created: [201, 1347],
    });
    expect(text).not.toContain(SECRET);
    expect(api.requests).toMatchObject([
      {
        method: 'GET',
        url: '/repos/octocat/Hello-World/issues?state=open&labels=bug%2Cui&per_page=5',
        headers: { authorization: `Bearer ${SECRET}` },
      },
      {
        method: 'POST',
        url: '/repos/octocat/Hello-World/issues',
        headers: { 'content-type': 'application/json' },
        body: '{"title":"Found a bug"}',
      },
    ]);
    const records = await auditRecords(portal);
    const recorded = records.filter(({ executionId }) => executionId);
    expect(JSON.stringify(records)).not.toContain(SECRET);
    expect(recorded).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          server: 'github',
          target: 'POST /repos/{owner}/{repo}/issues',
          decision: { effect: 'permit', policies: ['issues'] },
        }),
      ]),
    );
  });

  it('refuse what policy does not permit, and what is no request of an operation', async () => {
    api.requests.length = 0;
    const { value } = await run(
      'execute',
      `async () => {
        const tried = [
          { method: 'DELETE', path: '/repos/octocat/Hello-World' },
          { path: '/repos/octocat/Hello-World/actions/secrets' },
          { path: '/repos/octocat/Hello-World%2Factions%2Fsecrets' },
          { path: '/repos/octocat/../../user' },
          { path: '/repos/octocat/%2e%2e' },
          { path: '//evil.example.com/user' },
          { path: 'https://evil.example.com/user' },
          { path: '/user', query: { admin: 1 } },
          { path: '/user', body: {} },
          { path: '/user', headers: { authorization: 'Bearer mine' } },
          { path: '/user', url: 'https://evil.example.com' },
          { path: ['/user'] },
          { method: 'GET /user', path: '/user' },
        ];
        const refused = [];
        for (const request of tried) {
          refused.push(await github.request(request).then(() => 'sent', error => error.message));
        }
        return refused;
      }`,
      'apis/github',
    );
    expect(value).toHaveLength(13);
    expect(value.filter((message: string) => message === 'sent')).toEqual([]);
    expect(api.requests).toEqual([]);
  });

  it('answer with errors that code can read', async () => {
    const { value } = await run(
      'execute',
      `async () => {
        const { status, body } = await github.request({ path: '/repos/a/b/issues', query: { since: 'never' } });
        return { status, keys: Object.keys(body) };
      }`,
      'apis/github',
    );
    expect(value.status).toBe(422);
    expect(value.keys).toContain('message');
  });

  it('are not there for whom there is nothing, or by another name', async () => {
    await expect(
      portal.connect({}, { portal: 'apis/nothing' }),
    ).rejects.toThrow('There is no such API');
    const client = await portal.connect(
      { scopes: new Set(['tools:write']), limits: { servers: ['autotask'] } },
      { portal: 'apis/github' },
    );
    expect((await client.listTools()).tools).toEqual([]);
    await client.close();
    const response = await fetch(portal.endpoint('apis/github'), {
      method: 'POST',
    });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain(
      '/v1/apis/github',
    );
  });
});
