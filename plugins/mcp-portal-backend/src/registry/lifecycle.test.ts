import { TestDatabases } from '@backstage/backend-test-utils';
import fc from 'fast-check';
import {
  approval,
  approvedGitlab,
  choice,
  createRegistry,
  GITLAB,
  GITLAB_URL,
  people,
  serverEntity,
  tool,
  World,
} from './__testUtils__/createRegistry';
import type { ServerAction } from './serverStatus';

jest.setTimeout(120_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });
const { approver, owner, proposer } = people;

/** What the catalog does to a server by itself. */
function afterCatalog(
  { status, cause, newest }: Record<string, string | undefined>,
  present: boolean,
) {
  // Nobody ever asked for it, so it is forgotten.
  if (!present && newest === undefined) {
    return { status: undefined, present: undefined };
  }
  if (present && status === undefined) {
    return { status: 'draft', present };
  }
  if (!present && status === 'approved') {
    return {
      status: 'suspended',
      cause: 'absent',
      newest: 'suspend',
      present,
    };
  }
  return present && cause === 'absent'
    ? { status: 'approved', cause: undefined, newest: 'resume', present }
    : { present };
}

describe.each(databases.eachSupportedId())('servers on %s', databaseId => {
  async function start(configure?: (world: World) => void) {
    const world = new World();
    world.entities = [serverEntity('gitlab-mcp')];
    world.offers.set(GITLAB_URL, { tools: [tool('list'), tool('create')] });
    configure?.(world);
    const registry = await createRegistry(
      await databases.init(databaseId),
      world,
    );
    await registry.watch.refresh();
    return { ...registry, world };
  }

  it('are found in the catalog, proposed, looked at, approved tool by tool, and only then served', async () => {
    const { lifecycle, servers, synchronisation, view, world, definitions } =
      await start();
    expect(await servers.get(GITLAB)).toMatchObject({
      name: 'gitlab',
      status: 'draft',
    });
    await lifecycle.propose(GITLAB, proposer, 'We need it');
    expect(world.contacted).toEqual([]);
    expect(view.current().servers.size).toBe(0);

    await synchronisation.inspectServer(GITLAB, approver);
    expect(world.contacted).toEqual([GITLAB_URL]);
    const [create, list] = await definitions.list(GITLAB, { limit: 10 });
    expect([create, list]).toMatchObject([
      { key: 'create', status: 'quarantined', toolClass: 'write' },
      { key: 'list', status: 'quarantined' },
    ]);
    expect(view.current().servers.size).toBe(0);

    await lifecycle.approve(GITLAB, approver, {
      definitions: [
        { kind: 'tool', key: 'list', pin: list.pin, toolClass: 'read' },
      ],
      reason: 'Reads only',
    });
    const served = view.find('gitlab')!;
    expect([...served.tools]).toEqual([
      [
        'list',
        {
          kind: 'tool',
          key: 'list',
          pin: list.pin,
          definition: tool('list'),
          toolClass: 'read',
        },
      ],
    ]);
    expect(served).toMatchObject({
      entityRef: GITLAB,
      approvedBy: approver.uuid,
      remotes: [{ type: 'streamable-http', url: GITLAB_URL }],
      health: { state: 'healthy' },
    });
    expect(() => {
      (served.tools.get('list')!.definition as any).inputSchema.type = 'x';
    }).toThrow(TypeError);
    expect(await servers.history(GITLAB)).toMatchObject([
      {
        action: 'approve',
        from: 'pending',
        to: 'approved',
        by: approver.uuid,
        reason: 'Reads only',
      },
      { action: 'propose', from: 'draft', to: 'pending', by: proposer.uuid },
    ]);
  });

  it('stay as they are while nobody could record it, whoever decides', async () => {
    const { lifecycle, servers, trail, records, watch, world } = await start();
    trail.isAvailable = false;
    await expect(lifecycle.propose(GITLAB, proposer)).rejects.toThrow(
      expect.objectContaining({ name: 'ServiceUnavailableError' }),
    );
    expect(await servers.get(GITLAB)).toMatchObject({ status: 'draft' });
    trail.isAvailable = true;
    await lifecycle.propose(GITLAB, proposer);
    await lifecycle.approve(GITLAB, approver, {
      definitions: [],
      urls: [GITLAB_URL],
    });
    trail.isAvailable = false;
    world.entities = [];
    await expect(watch.refresh()).rejects.toThrow('audit trail');
    expect(await servers.get(GITLAB)).toMatchObject({ status: 'approved' });
    trail.isAvailable = true;
    await watch.refresh();
    expect(await servers.get(GITLAB)).toMatchObject({ status: 'suspended' });
    const user = { kind: 'user' };
    expect(records).toMatchObject([
      {
        message: 'propose: draft to pending',
        caller: { ...user, uuid: proposer.uuid },
      },
      {
        message: 'approve: pending to approved',
        caller: { ...user, uuid: approver.uuid },
      },
      {
        message: 'suspend: approved to suspended',
        caller: { kind: 'service', clientId: 'catalog' },
      },
    ]);
  });

  it('are never decided on by who proposed or owns them, on any way', async () => {
    const { lifecycle, synchronisation, servers, watch, world } = await start();
    await lifecycle.propose(GITLAB, proposer);
    const directOwner = { ...approver, entityRef: 'USER:default/Direct' };
    const everyWay = async (user: typeof approver) => {
      const approvals = {
        definitions: [approval(tool('list'))],
        urls: [GITLAB_URL],
      };
      const refused = [
        () => synchronisation.inspectServer(GITLAB, user),
        () => lifecycle.approve(GITLAB, user, approvals),
        () => lifecycle.resume(GITLAB, user, {}),
        () =>
          lifecycle.approveDefinitions(GITLAB, [approval(tool('list'))], user),
      ];
      const failures = [];
      for (const act of refused) {
        failures.push(
          await act().then(
            () => 'done',
            error => error.name,
          ),
        );
      }
      return failures;
    };
    const notAllowed = (failures: string[]) =>
      failures.filter(name => name !== 'ConflictError');

    // Pending: only what fits a pending server is refused for the person.
    for (const user of [proposer, owner]) {
      expect(await everyWay(user)).toEqual([
        'NotAllowedError',
        'NotAllowedError',
        'ConflictError',
        'ConflictError',
      ]);
    }
    // Editing the entity makes nobody impartial.
    world.entities = [
      serverEntity('gitlab-mcp', { owner: 'user:default/direct' }),
    ];
    await watch.refresh();
    for (const user of [proposer, owner, directOwner]) {
      expect(notAllowed(await everyWay(user))).toEqual([
        'NotAllowedError',
        'NotAllowedError',
      ]);
    }
    expect(world.contacted).toEqual([]);

    await synchronisation.inspectServer(GITLAB, approver);
    await lifecycle.approve(GITLAB, approver, { definitions: [] });
    await lifecycle.suspend(GITLAB, proposer);
    for (const user of [proposer, owner, directOwner]) {
      expect(await everyWay(user)).toEqual([
        'NotAllowedError',
        'ConflictError',
        'NotAllowedError',
        'NotAllowedError',
      ]);
    }
    expect(await servers.get(GITLAB)).toMatchObject({ status: 'suspended' });
  });

  it('follow the state machine in any order of actions, with a record of each step', async () => {
    const { lifecycle, servers, view, watch, world } = await start();
    /** One server from its beginning, and beside it what has to become of it. */
    function newServer(name: string) {
      const ref = `api:default/${name}`;
      const urls = [`https://${name}.example.com/mcp`];
      const steps: Record<
        ServerAction | 'leave' | 'comeBack',
        () => Promise<unknown>
      > = {
        propose: () => lifecycle.propose(ref, proposer),
        approve: () =>
          lifecycle.approve(ref, approver, { definitions: [], urls }),
        reject: () => lifecycle.reject(ref, approver),
        suspend: () => lifecycle.suspend(ref, approver),
        resume: () => lifecycle.resume(ref, approver, {}),
        retire: () => lifecycle.retire(ref, approver),
        leave: async () => {
          world.entities = [];
          await watch.refresh();
        },
        comeBack: async () => {
          world.entities = [serverEntity(name)];
          await watch.refresh();
        },
      };
      return {
        steps,
        async observe() {
          const server = await servers.get(ref).catch(() => undefined);
          return {
            status: server?.status,
            cause: server?.suspensionCause,
            present: server && server.absentSince === undefined,
            isServed: view.find(name) !== undefined,
            newest: (await servers.history(ref))[0]?.action,
          };
        },
      };
    }
    const states: Record<string, { from: string[]; to: string }> = {
      propose: { from: ['draft', 'retired'], to: 'pending' },
      approve: { from: ['pending'], to: 'approved' },
      reject: { from: ['pending'], to: 'draft' },
      suspend: { from: ['approved', 'suspended'], to: 'suspended' },
      resume: { from: ['suspended'], to: 'approved' },
      retire: { from: ['approved', 'suspended'], to: 'retired' },
    };
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...Object.keys(states), 'leave', 'comeBack'), {
          maxLength: 12,
        }),
        async sequence => {
          const server = newServer(`s${runs++}x`);
          await server.steps.comeBack();
          const expected: any = { status: 'draft', present: true };
          for (const step of sequence as ServerAction[]) {
            const { from, to } = states[step] ?? { from: [], to: '' };
            const isPossible =
              from.includes(expected.status) &&
              (expected.present ||
                !['propose', 'approve', 'resume'].includes(step)) &&
              !(step === 'suspend' && expected.cause === 'manual');
            const done = await server.steps[step]().then(
              () => 'done',
              ({ name }) =>
                /^(Conflict|NotFound)Error$/.test(name) ? 'refused' : name,
            );
            const isByItself = !states[step];
            expect([step, done]).toEqual([
              step,
              isPossible || isByItself ? 'done' : 'refused',
            ]);
            if (isPossible) {
              expected.status = to;
              expected.cause = step === 'suspend' ? 'manual' : undefined;
              expected.newest = step;
            }
            if (isByItself) {
              Object.assign(
                expected,
                afterCatalog(expected, step === ('comeBack' as string)),
              );
            }
            expect([step, await server.observe()]).toEqual([
              step,
              {
                cause: undefined,
                newest: undefined,
                ...expected,
                isServed: expected.status === 'approved',
              },
            ]);
          }
        },
      ),
      { numRuns: databaseId === 'SQLITE_3' ? 60 : 20 },
    );
  });

  it('are suspended when they leave the catalog or move to another host, and come back by themselves', async () => {
    const world = new World();
    const { served, servers, watch, lifecycle, synchronisation, passTime } =
      await approvedGitlab(await databases.init(databaseId), world);
    world.entities = [];
    await watch.refresh();
    expect(served('gitlab')).toBeUndefined();
    expect(await servers.get(GITLAB)).toMatchObject({
      status: 'suspended',
      statusReason: expect.stringContaining('not in the catalog'),
    });
    await expect(lifecycle.resume(GITLAB, approver, {})).rejects.toThrow(
      'not in the catalog',
    );
    world.entities = [serverEntity('gitlab-mcp')];
    await watch.refresh();
    expect(served('gitlab')).toEqual(['create', 'list']);

    // A suspension by a person stays, whatever the catalog does.
    await lifecycle.suspend(GITLAB, approver, 'An incident');
    world.entities = [];
    await watch.refresh();
    world.entities = [serverEntity('gitlab-mcp')];
    await watch.refresh();
    expect(await servers.get(GITLAB)).toMatchObject({
      status: 'suspended',
      statusReason: 'An incident',
    });
    await lifecycle.resume(GITLAB, approver, {});

    const moved = 'https://gitlab-mcp.example.com.evil.example/mcp';
    world.entities = [serverEntity('gitlab-mcp', { url: moved })];
    world.contacted.length = 0;
    await watch.refresh();
    await passTime();
    await synchronisation.syncDue();
    expect(served('gitlab')).toBeUndefined();
    expect(world.contacted).toEqual([]);
    await expect(lifecycle.resume(GITLAB, approver, {})).rejects.toThrow(moved);
    await lifecycle.resume(GITLAB, approver, { urls: [moved] });
    expect(served('gitlab')).toEqual(['create', 'list']);
    await passTime();
    await synchronisation.syncDue();
    expect(world.contacted).toEqual([moved]);
  });

  it('are approved only at the URLs that the approver looked at', async () => {
    const { lifecycle, synchronisation, watch, world, served } = await start();
    await lifecycle.propose(GITLAB, proposer);
    await expect(
      lifecycle.approve(GITLAB, approver, { definitions: [] }),
    ).rejects.toThrow('Inspect the server first');
    await synchronisation.inspectServer(GITLAB, approver);
    world.entities = [
      serverEntity('gitlab-mcp', { url: 'https://evil.example/mcp' }),
    ];
    await watch.refresh();
    await expect(
      lifecycle.approve(GITLAB, approver, {
        definitions: [approval(tool('list'))],
      }),
    ).rejects.toThrow('https://evil.example/mcp now');
    expect(served('gitlab')).toBeUndefined();
  });

  it('start anew when they are proposed again after they were retired', async () => {
    const world = new World();
    const { lifecycle, definitions, served, synchronisation, passTime } =
      await approvedGitlab(await databases.init(databaseId), world);
    await lifecycle.rejectDefinitions(GITLAB, [choice(tool('list'))], approver);
    await lifecycle.retire(GITLAB, approver);
    expect(served('gitlab')).toBeUndefined();
    await lifecycle.propose(GITLAB, approver);
    expect(await definitions.list(GITLAB, { limit: 10 })).toEqual([]);
    await expect(
      lifecycle.approve(GITLAB, approver, {
        definitions: [],
        urls: [GITLAB_URL],
      }),
    ).rejects.toThrow('You proposed');
    await lifecycle.approve(GITLAB, proposer, {
      definitions: [],
      urls: [GITLAB_URL],
    });
    expect(served('gitlab')).toEqual([]);
    // But for what somebody refused.
    await passTime();
    await synchronisation.syncDue();
    expect(await definitions.list(GITLAB, { limit: 10 })).toMatchObject([
      { key: 'create', status: 'quarantined' },
      { key: 'list', status: 'rejected' },
    ]);
  });

  it.each(['reject', 'retire'] as const)(
    'are not approved by configuration when somebody did this: %s',
    async action => {
      const world = new World();
      world.entities = [serverEntity('gitlab-mcp')];
      world.offers.set(GITLAB_URL, { tools: [tool('list')] });
      const database = await databases.init(databaseId);
      const before = await createRegistry(database, world);
      await before.watch.refresh();
      if (action === 'reject') {
        await before.lifecycle.propose(GITLAB, proposer);
        await before.lifecycle.reject(GITLAB, approver);
      }
      const byConfiguration = {
        classes: {},
        defaultClass: 'read' as const,
        pins: {},
      };
      const registry = await createRegistry(database, world, {
        configured: [
          { name: 'gitlab', entityRef: GITLAB, approval: byConfiguration },
        ],
      });
      const { lifecycle, watch, synchronisation, passTime } = registry;
      const see = async () => {
        await watch.refresh();
        await passTime();
        await synchronisation.syncDue();
        return registry.servers.get(GITLAB);
      };
      const { status } = await see();
      expect(status).toBe(action === 'reject' ? 'draft' : 'approved');
      if (action === 'retire') {
        await lifecycle.retire(GITLAB, approver);
      }
      // The server may offer something else by now, and its owner knows.
      world.offers.set(GITLAB_URL, { tools: [tool('list'), tool('added')] });
      await lifecycle.propose(GITLAB, owner);
      expect(await see()).toMatchObject({ status: 'pending' });
      expect(registry.served('gitlab')).toBeUndefined();
      await lifecycle.approve(GITLAB, approver, {
        definitions: [],
        urls: [GITLAB_URL],
      });
      expect(await see()).toMatchObject({ status: 'approved' });
      expect(registry.served('gitlab')).toEqual([]);
    },
  );

  it('have names that stay, and that no second server can have', async () => {
    const { watch, servers, world } = await start(outside => {
      outside.entities = [
        serverEntity('gitlab-mcp'),
        serverEntity('issue-tracker-mcp-server'),
      ];
    });
    const nameOf = async (name: string) =>
      (await servers.get(`api:default/${name}`)).name;
    expect(await nameOf('issue-tracker-mcp-server')).toBe('issueTracker');
    world.entities.push(
      serverEntity('a-gitlab-mcp', {
        annotations: { 'prompt-corner.dev/mcp-server-name': 'gitLab' },
      }),
      serverEntity('gitlab', {
        annotations: { 'prompt-corner.dev/mcp-server-name': 'not_a_name' },
      }),
      serverEntity('mcp-server'),
      serverEntity('2fa'),
      serverEntity('a-name-that-is-much-longer-than-any-name-may-be'),
    );
    await watch.refresh();
    const names = await Promise.all(
      [
        'gitlab-mcp',
        'a-gitlab-mcp',
        'gitlab',
        'mcp-server',
        '2fa',
        'a-name-that-is-much-longer-than-any-name-may-be',
      ].map(nameOf),
    );
    expect(names).toEqual([
      'gitlab',
      expect.stringMatching(/^gitLab[0-9a-f]{6}$/),
      expect.stringMatching(/^gitlab[0-9a-f]{6}$/),
      'mcpServer',
      's2fa',
      'aNameThatIsMuchLongerTha',
    ]);
    // Also when the one that had the name leaves, as it may come back.
    const other = names[2];
    world.entities = world.entities.slice(2);
    await watch.refresh();
    await watch.refresh();
    expect(await nameOf('gitlab')).toBe(other);
  });
});
