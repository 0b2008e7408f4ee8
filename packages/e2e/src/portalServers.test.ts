import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@modelcontextprotocol/client';
import {
  INSTALL_TIMEOUT_MS,
  OPEN_CODE,
  provideCodingTool,
  startScriptedModel,
} from './codingTools';
import { eventually } from './demo';
import {
  callTool,
  GitLabApi,
  OwnPortal,
  PortalUser,
  portalUrl,
  provideServers,
  ServerName,
  ServerProcess,
  SERVERS_INSTALL_TIMEOUT_MS,
  startGitLabApi,
  startPortal,
  startServers,
  toolNames,
} from './mcpServers';
import { authorizeWithoutBrowser } from './oauth';
import { OpenCode, openCodeConfig, SERVER_NAME } from './openCode';

const START_TIMEOUT_MS = 90_000;
const WAIT_MS = 30_000;

/** Nobody proposes these: the configuration approves them. */
const CONFIGURED: ServerName[] = [
  'everything',
  'files',
  'git',
  'kubernetes',
  'memory',
  'thinking',
];

const SEARCH = 'portal_codemode_search';
const EXECUTE = 'portal_codemode_execute';

const POLICIES = `
@id("payments-team-uses-all")
permit (
  principal in Team::"group:default/payments-team",
  action == Action::"call_tool",
  resource
);
`;

jest.setTimeout(WAIT_MS * 2);

// All is real but GitLab, of which there is only as much as the test asks for.
describe('MCP servers from npm behind the portal', () => {
  let folder: string;
  let gitLab: GitLabApi | undefined;
  let servers: Record<ServerName, ServerProcess> | undefined;
  let portal: OwnPortal | undefined;
  let ada: PortalUser;
  let linus: PortalUser;
  let client: Client;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'portal-servers-'));
    gitLab = await startGitLabApi();
    servers = await startServers({
      pathIn: await provideServers(),
      folder,
      gitLabUrl: gitLab.url,
    });
    portal = await startPortal({
      folder,
      entities: Object.entries(servers).map(([name, { url }]) =>
        entityOf(name, url),
      ),
      config: {
        mcpPortal: {
          policy: { policies: POLICIES },
          registry: { catalogInterval: { seconds: 1 } },
          servers: Object.fromEntries(
            CONFIGURED.map(name => [
              name,
              {
                entityRef: `api:default/${name}`,
                approved: true,
                defaultClass: 'suggested',
              },
            ]),
          ),
        },
      },
    });
    ada = await PortalUser.signIn(portal.url, 'ada');
    linus = await PortalUser.signIn(portal.url, 'linus');
    client = await linus.connect();
    await eventually(() => healthOfServers(ada), {
      what: 'servers that are asked for their tools',
      isWanted: health =>
        CONFIGURED.every(name => health[name]?.state === 'healthy'),
      timeoutMs: WAIT_MS,
    });
  }, SERVERS_INSTALL_TIMEOUT_MS + START_TIMEOUT_MS);

  afterAll(async () => {
    await client?.close();
    await portal?.stop();
    await Promise.all(Object.values(servers ?? {}).map(each => each.stop()));
    await gitLab?.stop();
    if (folder) {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('serves nothing of a server before somebody else than its owner approved it, tool by tool', async () => {
    const proposed = await linus.api('/servers/gitlab/propose', {
      reason: 'Merge requests from agents',
    });
    expect(proposed.server.status).toBe('pending');
    await expect(linus.api('/servers/gitlab/inspect', {})).rejects.toThrow(
      '403',
    );
    expect(await toolNames(client)).not.toContainEqual(
      expect.stringMatching(/^gitlab_/),
    );

    await ada.api('/servers/gitlab/inspect', {});
    const definitions = await allDefinitions(ada, 'gitlab');
    expect(definitions.length).toBeGreaterThan(60);
    const approved = definitions.filter(({ key }) =>
      ['create_issue', 'get_issue'].includes(key),
    );
    const { server } = await ada.api('/servers/gitlab/approve', {
      definitions: approved.map(({ kind, key, pin }) => ({
        kind,
        key,
        pin,
        toolClass: key === 'get_issue' ? 'read' : 'write',
      })),
      reason: 'For issues only',
    });
    expect(server.status).toBe('approved');

    await eventually(() => toolNames(client), {
      what: 'tools of GitLab',
      isWanted: names => names.some(name => name.startsWith('gitlab_')),
      timeoutMs: WAIT_MS,
    });
    expect(
      (await toolNames(client)).filter(name => name.startsWith('gitlab_')),
    ).toEqual(['gitlab_create_issue', 'gitlab_get_issue']);
  });

  it('lists the tools of all of them', async () => {
    const names = await toolNames(client);

    expect(names.length).toBeGreaterThan(60);
    for (const name of Object.keys(servers!)) {
      expect(names).toContainEqual(expect.stringMatching(`^${name}_`));
    }
  });

  it('writes a file, and reads it', async () => {
    const path = join(folder, 'files/note.txt');
    await callTool(client, 'files_write_file', { path, content: 'Milk' });
    expect(readFileSync(path, 'utf8')).toBe('Milk');
    expect(
      JSON.stringify(await callTool(client, 'files_read_text_file', { path })),
    ).toContain('Milk');
  });

  it('commits to a repository', async () => {
    const path = join(folder, 'git');
    await callTool(client, 'git_git_init', { path });
    await callTool(client, 'git_git_commit', {
      path,
      message: 'Begin',
      allowEmpty: true,
    });
    const log = execFileSync('git', ['log', '--format=%s by %an'], {
      cwd: path,
      encoding: 'utf8',
    });
    expect(log.trim()).toBe('Begin by Lantern');
  });

  it('remembers an entity', async () => {
    await callTool(client, 'memory_create_entities', {
      entities: [
        { name: 'Ledger', entityType: 'service', observations: ['Slow'] },
      ],
    });
    expect(readFileSync(join(folder, 'memory.jsonl'), 'utf8')).toContain(
      'Ledger',
    );
    expect(await callTool(client, 'memory_read_graph')).toMatchObject({
      entities: [{ name: 'Ledger', observations: ['Slow'] }],
    });
  });

  it('thinks, adds, and reads the configuration of a cluster', async () => {
    await expect(
      callTool(client, 'thinking_sequentialthinking', {
        thought: 'Who owns the ledger?',
        thoughtNumber: 1,
        totalThoughts: 1,
        nextThoughtNeeded: false,
      }),
    ).resolves.toMatchObject({ thoughtHistoryLength: 1 });
    // Its own name, get-sum, is not one that all clients take.
    const sum = (await toolNames(client)).find(name =>
      name.startsWith('everything_get_sum'),
    );
    expect(await callTool(client, sum!, { a: 40, b: 2 })).toContain('42');
    expect(
      JSON.stringify(await callTool(client, 'kubernetes_configuration_view')),
    ).toContain('eu-west');
  });

  it('creates an issue through the API of GitLab, once', async () => {
    await callTool(client, 'gitlab_create_issue', {
      project_id: '7',
      title: 'Ledger is slow',
    });
    expect(gitLab!.asked.filter(({ method }) => method === 'POST')).toEqual([
      {
        method: 'POST',
        path: '/api/v4/projects/7/issues',
        body: expect.objectContaining({ title: 'Ledger is slow' }),
      },
    ]);
  });

  it('records every call, without arguments', async () => {
    const { items } = await ada.api('/admin/audit/records?limit=200');
    const calls = items
      .map(({ record }: { record: any }) => record)
      .filter(({ action }: { action: string }) => action === 'tools/call');

    for (const [server, target] of [
      ['files', 'write_file'],
      ['git', 'git_commit'],
      ['memory', 'create_entities'],
      ['thinking', 'sequentialthinking'],
      ['everything', 'get-sum'],
      ['kubernetes', 'configuration_view'],
      ['gitlab', 'create_issue'],
    ]) {
      expect(calls).toContainEqual(
        expect.objectContaining({
          server,
          target,
          outcome: 'ok',
          portal: 'default',
          pin: expect.stringMatching(/^sha256:/),
          argumentDigest: expect.stringMatching(/^sha256:/),
          caller: expect.objectContaining({ kind: 'user' }),
        }),
      );
    }
    expect(JSON.stringify(items)).not.toMatch(/Milk|user:default\/linus/);
  });

  it(
    'lets OpenCode find tools with code, and chain three servers with code',
    async () => {
      const path = join(folder, 'files/plan.md');
      const code = `async () => {
        await codemode.files_write_file({ path: ${JSON.stringify(
          path,
        )}, content: 'Ledger: faster by May' });
        const { content } = await codemode.files_read_text_file({ path: ${JSON.stringify(
          path,
        )} });
        const [name, ...observations] = content.split(': ');
        await codemode.memory_create_entities({
          entities: [{ name: 'Plan of ' + name, entityType: 'plan', observations }],
        });
        const { entities } = await codemode.memory_read_graph({});
        const commit = await codemode.git_git_commit({
          path: ${JSON.stringify(join(folder, 'git'))},
          message: entities.find(e => e.entityType === 'plan').observations[0],
          allowEmpty: true,
        });
        return { planned: observations, committed: Boolean(commit) };
      }`;
      const model = await startScriptedModel({
        calls: [
          {
            tool: `${SERVER_NAME}_${SEARCH}`,
            input: {
              code: `async () => codemode.types((await codemode.search('write a file')).map(tool => tool.name))`,
            },
          },
          { tool: `${SERVER_NAME}_${EXECUTE}`, input: { code } },
        ],
        answer: result => `Done: ${result}`,
      });
      const openCode = new OpenCode({
        binary: await provideCodingTool(OPEN_CODE),
        config: await openCodeConfig({
          modelUrl: `${model.url}/v1`,
          endpoint: `${portalUrl(portal!.url)}?codemode=search_and_execute`,
          access: { type: 'oauth' },
        }),
      });
      try {
        await openCode.signIn(page =>
          authorizeWithoutBrowser(page, linus.pageToken),
        );
        expect(await openCode.ask('Plan the ledger, and commit it')).toContain(
          '"planned":["faster by May"],"committed":true',
        );
        const offered = model.offeredTools();
        expect(
          offered.filter(name => name.startsWith(`${SERVER_NAME}_`)).sort(),
        ).toEqual([`${SERVER_NAME}_${EXECUTE}`, `${SERVER_NAME}_${SEARCH}`]);
        expect(model.toolResults().join()).toContain('files_write_file');
      } finally {
        openCode.dispose();
        await model.stop();
      }
      expect(readFileSync(path, 'utf8')).toBe('Ledger: faster by May');
      const { items } = await linus.api('/executions');
      expect(items.map(({ kind, state }: any) => `${kind} ${state}`)).toEqual([
        'execute ok',
        'search ok',
      ]);
      const { records } = await linus.api(`/executions/${items[0].id}`);
      expect(
        records.map(({ server, target }: any) => [server, target]),
      ).toEqual([
        ['files', 'write_file'],
        ['files', 'read_text_file'],
        ['memory', 'create_entities'],
        ['memory', 'read_graph'],
        ['git', 'git_commit'],
        [undefined, EXECUTE],
      ]);
    },
    INSTALL_TIMEOUT_MS,
  );

  it('tells that a server is down, while the others go on', async () => {
    await servers!.memory.stop();

    await expect(callTool(client, 'memory_read_graph')).rejects.toThrow(
      'memory',
    );
    expect(
      await callTool(client, 'everything_echo', { message: 'Still here' }),
    ).toContain('Still here');
    await eventually(
      async () => {
        // Refused when it has been asked a moment ago.
        await ada.api('/servers/memory/sync', {}).catch(() => {});
        return serverStates(client);
      },
      {
        what: 'server that is told to be down',
        isWanted: ({ memory }) => memory === 'degraded',
        timeoutMs: WAIT_MS,
      },
    );
    expect(await serverStates(client)).toMatchObject({
      files: 'healthy',
      git: 'healthy',
    });
  });
});

function entityOf(name: string, url: string) {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'API',
    metadata: { name, title: `Server ${name}` },
    spec: {
      type: 'mcp-server',
      lifecycle: 'production',
      owner: 'group:default/payments-team',
      remotes: [{ type: 'streamable-http', url }],
    },
  };
}

/** Health of each server, as the portal tells its administrators. */
async function healthOfServers(
  user: PortalUser,
): Promise<Record<string, { state: string; error?: string }>> {
  const { items } = await user.api('/servers');
  return Object.fromEntries(
    items.map(({ name, health }: { name: string; health: object }) => [
      name,
      health,
    ]),
  );
}

/** State of each server, as the portal tells its callers. */
async function serverStates(client: Client): Promise<Record<string, string>> {
  const { servers } = await callTool(client, 'portal_list_servers');
  return Object.fromEntries(
    servers.map(({ name, state }: { name: string; state: string }) => [
      name,
      state,
    ]),
  );
}

async function allDefinitions(
  user: PortalUser,
  server: string,
): Promise<Array<{ kind: string; key: string; pin: string }>> {
  const found = [];
  let cursor = '';
  do {
    const { items, nextCursor } = await user.api(
      `/servers/${server}/definitions?limit=200${
        cursor && `&cursor=${cursor}`
      }`,
    );
    found.push(...items);
    cursor = nextCursor ?? '';
  } while (cursor);
  return found;
}
