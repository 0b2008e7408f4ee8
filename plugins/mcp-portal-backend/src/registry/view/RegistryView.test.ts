import { TestDatabases } from '@backstage/backend-test-utils';
import {
  approval,
  approvedGitlab,
  createRegistry,
  GITLAB,
  GITLAB_URL,
  people,
  serverEntity,
  tool,
  World,
} from '../__testUtils__/createRegistry';

jest.setTimeout(120_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });
const { approver, proposer } = people;

describe.each(databases.eachSupportedId())('the view on %s', databaseId => {
  it('of one replica shows what was decided on another, and tells of it', async () => {
    const world = new World();
    const database = await databases.init(databaseId);
    const here = await approvedGitlab(database, world);
    const there = await createRegistry(database, world);
    expect(there.served('gitlab')).toEqual(['create', 'list']);

    const told: string[][] = [];
    const end = there.view.onChange(names => told.push(names));
    const refresh = async () => {
      const before = there.view.current();
      await there.view.refresh();
      return there.view.current() !== before;
    };
    expect(await refresh()).toBe(false);

    world.offers.set(GITLAB_URL, { tools: [tool('list'), tool('new')] });
    await here.synchronisation.syncDue();
    expect(await refresh()).toBe(true);
    expect(there.served('gitlab')).toEqual(['list']);
    await here.lifecycle.approveDefinitions(
      GITLAB,
      [approval(tool('new'))],
      approver,
    );
    await refresh();
    expect(there.served('gitlab')).toEqual(['list', 'new']);
    await there.lifecycle.suspend(GITLAB, approver);
    await here.view.refresh();
    expect(here.view.find('gitlab')).toBeUndefined();
    expect(told).toEqual([['gitlab'], ['gitlab'], ['gitlab']]);

    // What changes of others says nothing of this one, and is not read again.
    await there.lifecycle.resume(GITLAB, approver, {});
    const same = there.view.find('gitlab');
    world.entities.push(serverEntity('other'));
    await here.watch.refresh();
    await here.lifecycle.propose('api:default/other', proposer);
    await refresh();
    expect(there.view.find('gitlab')).toBe(same);

    end();
    await here.lifecycle.suspend(GITLAB, approver);
    await refresh();
    expect(told).toHaveLength(4);
  });

  it('looks by itself every few seconds, from its start to its end', async () => {
    const world = new World();
    const database = await databases.init(databaseId);
    const here = await approvedGitlab(database, world);
    const { view } = await createRegistry(database, world);
    await view.start();
    const told = new Promise<string[]>(resolve => {
      view.onChange(resolve);
    });
    await here.lifecycle.suspend(GITLAB, approver);
    expect(view.find('gitlab')).toBeDefined();
    expect(await told).toEqual(['gitlab']);
    expect(view.find('gitlab')).toBeUndefined();
    view.stop();
  });

  it('looks again when a change is made while it is looking', async () => {
    const world = new World();
    const { lifecycle, servers, served, version, view } = await approvedGitlab(
      await databases.init(databaseId),
      world,
    );
    const current = version.current.bind(version);
    let goOn!: () => void;
    const gate = new Promise<void>(resolve => {
      goOn = resolve;
    });
    jest.spyOn(version, 'current').mockImplementationOnce(async () => {
      const before = await current();
      await gate;
      return before;
    });
    const looking = [view.refresh(), view.refresh()];
    // Until it has read what it will find to be old.
    await current();
    const suspending = lifecycle.suspend(GITLAB, approver);
    while ((await servers.get(GITLAB)).status !== 'suspended') {
      await new Promise(setImmediate);
    }
    goOn();
    await suspending;
    expect(served('gitlab')).toBeUndefined();
    await Promise.all(looking);
  });

  it('holds for a minute without the database, and then serves nothing', async () => {
    const world = new World();
    const database = await databases.init(databaseId);
    await approvedGitlab(database, world);
    let now = 0;
    const { view, version, served } = await createRegistry(database, world, {
      now: () => now,
    });
    const broken = jest
      .spyOn(version, 'current')
      .mockRejectedValue(new Error('connection refused'));
    now = 60_000;
    await expect(view.refresh()).rejects.toThrow('connection refused');
    expect(served('gitlab')).toEqual(['create', 'list']);
    now = 60_001;
    expect(() => view.current()).toThrow(
      expect.objectContaining({ name: 'ServiceUnavailableError' }),
    );
    broken.mockRestore();
    await view.refresh();
    expect(served('gitlab')).toEqual(['create', 'list']);
  });

  it('serves nothing that is not what its pin says, and reads a restored database anew', async () => {
    const world = new World();
    const database = await databases.init(databaseId);
    const { view, served, logger } = await approvedGitlab(database, world);
    await database('server_definitions')
      .where({ key: 'list' })
      .update({ approved_definition: JSON.stringify(tool('list', { a: 1 })) });
    // As a backup of before the last changes.
    await database('registry_version').update({ version: 1 });
    await database('servers').update({ version: 1 });
    const told: string[][] = [];
    view.onChange(names => told.push(names));
    await view.refresh();
    expect(served('gitlab')).toEqual(['create']);
    expect(told).toEqual([['gitlab']]);
    expect(logger.error).toHaveBeenCalledWith(
      expect.stringContaining('does not match its pin'),
    );
  });
});

// SQLite has one connection here, so nothing happens at the same time.
const describeOnPostgres = databases.supports('POSTGRES_15')
  ? describe
  : describe.skip;

describeOnPostgres('changes that are made at the same time', () => {
  it('are all seen, also one that was begun first and committed last', async () => {
    const world = new World();
    const database = await databases.init('POSTGRES_15');
    world.entities = [serverEntity('a'), serverEntity('b')];
    const { watch, lifecycle, view, version } = await createRegistry(
      database,
      world,
    );
    await watch.refresh();
    const refs = ['api:default/a', 'api:default/b'];
    for (const [index, ref] of refs.entries()) {
      await lifecycle.propose(ref, proposer);
      await lifecycle.approve(ref, approver, {
        definitions: [],
        urls: [`https://${'ab'[index]}.example.com/mcp`],
      });
    }
    const slow = await database.transaction();
    await slow('servers')
      .where({ entity_ref: refs[0] })
      .update({ status: 'suspended' });
    await version.bump(refs[0], slow);
    // The second cannot take a later version while the first is not committed.
    const second = lifecycle.suspend(refs[1], approver);
    await view.refresh();
    expect([...view.current().servers.keys()]).toEqual(['a', 'b']);
    await slow.commit();
    await second;
    await view.refresh();
    expect([...view.current().servers.keys()]).toEqual([]);
  });

  it('give a server to one approver only, and a snapshot to one replica', async () => {
    const world = new World();
    const database = await databases.init('POSTGRES_15');
    const here = await approvedGitlab(database, world);
    const there = await createRegistry(database, world);
    await here.lifecycle.retire(GITLAB, approver);
    await here.lifecycle.propose(GITLAB, proposer);
    const results = await Promise.allSettled(
      [here, there, here, there].map(({ lifecycle }) =>
        lifecycle.approve(GITLAB, approver, {
          definitions: [],
          urls: [GITLAB_URL],
        }),
      ),
    );
    expect(results.map(({ status }) => status).sort()).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'rejected',
    ]);
    world.contacted.length = 0;
    await here.passTime();
    await Promise.all(
      [here, there, here, there].map(({ synchronisation }) =>
        synchronisation.syncDue(),
      ),
    );
    expect(world.contacted).toEqual([GITLAB_URL]);
  });
});
