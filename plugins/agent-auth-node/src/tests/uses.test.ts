import { startPlugins, until } from '../__testUtils__/startPlugins';

it('reports the last use of each connection, and no refused one', async () => {
  const plugins = await startPlugins({ timings: { usesMs: 300 } });
  const { agentAuth, send } = plugins;
  agentAuth.issue('one', { connectionId: 'c1' });
  agentAuth.issue('two', { connectionId: 'c2' });
  agentAuth.issue('expired', { connectionId: 'c3', expiresAt: 1 });
  const startedAt = Date.now();
  const as = (token: string, agent: string) =>
    send({ token, headers: { 'user-agent': agent } });
  await as('one', 'first');
  await as('one', 'last');
  await as('two', 'x'.repeat(1_000));
  await as('expired', 'refused');
  await until(() => agentAuth.uses.length > 0);
  expect(agentAuth.uses).toEqual([
    {
      connectionId: 'c1',
      at: expect.any(String),
      address: '127.0.0.1',
      userAgent: 'last',
    },
    expect.objectContaining({
      connectionId: 'c2',
      userAgent: 'x'.repeat(256),
    }),
  ]);
  const { at } = agentAuth.uses[0];
  expect(new Date(at).toISOString()).toBe(at);
  expect(Date.parse(at)).toBeGreaterThanOrEqual(startedAt);

  agentAuth.mode = 'down';
  await as('one', 'lost');
  await new Promise(resolve => setTimeout(resolve, 500));
  agentAuth.mode = 'up';
  await as('one', 'later');
  await until(() => agentAuth.uses.length === 3);
  expect(agentAuth.uses[2].userAgent).toBe('later');
});

it('reports at shutdown what is left, however much', async () => {
  const plugins = await startPlugins();
  const ids = Array.from({ length: 400 }, (_, index) => `connection-${index}`);
  ids.forEach(id => plugins.agentAuth.issue(id, { connectionId: id }));
  const headers = { 'user-agent': 'x'.repeat(1_000) };
  await Promise.all(ids.map(token => plugins.send({ token, headers })));
  expect(plugins.agentAuth.uses).toEqual([]);
  await plugins.stop();
  expect(plugins.agentAuth.uses.map(use => use.connectionId).sort()).toEqual(
    ids.sort(),
  );
});
