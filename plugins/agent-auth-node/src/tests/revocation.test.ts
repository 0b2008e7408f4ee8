import { hashToken } from '../internal';
import { someFacts } from '../__testUtils__/FakeAgentAuth';
import { Plugins, startPlugins, until } from '../__testUtils__/startPlugins';

/** So long that in a test nothing is asked again for being old. */
const NEVER = 600_000;

const statusOf = async (plugins: Plugins, token: string) =>
  (await plugins.send({ token })).status;

const timesAsked = (plugins: Plugins, token: string) =>
  plugins.agentAuth.introspections.flat().filter(h => h === hashToken(token))
    .length;

/** Waits until a poll was answered that had not begun yet. */
async function nextPoll({ agentAuth }: Plugins): Promise<void> {
  const polls = agentAuth.polls.length;
  await until(() => agentAuth.polls.length >= polls + 2);
}

it('asks for a token once, and holds to a revocation within five seconds', async () => {
  const plugins = await startPlugins();
  plugins.agentAuth.issue('one', { connectionId: 'c1' });
  plugins.agentAuth.issue('two', { connectionId: 'c2' });
  plugins.agentAuth.issue('three', { connectionId: 'c2' });
  for (const token of ['one', 'two', 'three', 'one', 'one']) {
    expect(await statusOf(plugins, token)).toBe(200);
  }
  expect(timesAsked(plugins, 'one')).toBe(1);

  const revokedAt = performance.now();
  plugins.agentAuth.revokeConnection('c1');
  plugins.agentAuth.revokeToken('two');
  await until(async () => (await statusOf(plugins, 'one')) === 401);
  await until(async () => (await statusOf(plugins, 'two')) === 401);
  expect(performance.now() - revokedAt).toBeLessThan(5_000);
  expect(await statusOf(plugins, 'three')).toBe(200);
  // Longer than memory is trusted by itself: the polls have confirmed it.
  await nextPoll(plugins);
  await nextPoll(plugins);
  expect(await statusOf(plugins, 'three')).toBe(200);
  expect(timesAsked(plugins, 'three')).toBe(1);
}, 30_000);

it('hears of a revocation between the first introspection and the first poll', async () => {
  const plugins = await startPlugins({
    timings: { pollMs: 200, trustMs: NEVER },
  });
  plugins.agentAuth.issue('token');
  expect(await statusOf(plugins, 'token')).toBe(200);
  expect(plugins.agentAuth.polls).toEqual([]);
  plugins.agentAuth.revokeToken('token');
  await until(async () => (await statusOf(plugins, 'token')) === 401);
});

it('forgets all tokens of a connection, and no others', async () => {
  const plugins = await startPlugins({
    timings: { pollMs: 50, trustMs: NEVER },
  });
  const tokens = Array.from({ length: 40 }, (_, index) => `token-${index}`);
  const isRevoked = (index: number) => index % 3 === 0 || index > 35;
  tokens.forEach((token, index) =>
    plugins.agentAuth.issue(token, {
      connectionId: isRevoked(index) ? 'revoked' : `kept-${index}`,
    }),
  );
  for (const token of tokens) {
    expect(await statusOf(plugins, token)).toBe(200);
  }
  plugins.agentAuth.revokeConnection('revoked');
  await nextPoll(plugins);
  for (const [index, token] of tokens.entries()) {
    expect(await statusOf(plugins, token)).toBe(isRevoked(index) ? 401 : 200);
    expect(timesAsked(plugins, token)).toBe(isRevoked(index) ? 2 : 1);
  }
});

it('does not keep a token whose revocation was told while it was being asked for', async () => {
  const plugins = await startPlugins({
    timings: { pollMs: 50, trustMs: NEVER },
  });
  plugins.agentAuth.issue('other', { connectionId: 'other' });
  plugins.agentAuth.issue('token');
  expect(await statusOf(plugins, 'other')).toBe(200);

  let release = () => {};
  plugins.agentAuth.held = new Promise(resolve => {
    release = resolve;
  });
  const underWay = statusOf(plugins, 'token');
  await until(() => timesAsked(plugins, 'token') === 1);
  plugins.agentAuth.revokeToken('token');
  await nextPoll(plugins);
  release();
  // It was valid when agent-auth looked.
  expect(await underWay).toBe(200);
  expect(await statusOf(plugins, 'token')).toBe(401);
  expect(timesAsked(plugins, 'token')).toBe(2);
  expect(await statusOf(plugins, 'other')).toBe(200);
  expect(timesAsked(plugins, 'other')).toBe(1);
});

it('lets known callers in for a while without agent-auth, then nobody, then all again', async () => {
  const plugins = await startPlugins({
    timings: { pollMs: 100, trustMs: 1_000, timeoutMs: 200 },
  });
  plugins.agentAuth.issue('known');
  plugins.agentAuth.issue('new');
  expect(await statusOf(plugins, 'known')).toBe(200);
  await nextPoll(plugins);

  plugins.agentAuth.mode = 'down';
  expect(await statusOf(plugins, 'known')).toBe(200);
  expect(await statusOf(plugins, 'new')).toBe(503);
  await until(async () => (await statusOf(plugins, 'known')) === 503);
  for (const mode of ['hanging', 'confused'] as const) {
    plugins.agentAuth.mode = mode;
    expect(await statusOf(plugins, 'known')).toBe(503);
  }

  plugins.agentAuth.mode = 'up';
  expect(await statusOf(plugins, 'known')).toBe(200);
  expect(await statusOf(plugins, 'new')).toBe(200);
});

it('takes nonsense from agent-auth for no answer to a poll', async () => {
  const plugins = await startPlugins({
    timings: { pollMs: 50, trustMs: 300 },
  });
  plugins.agentAuth.issue('known');
  expect(await statusOf(plugins, 'known')).toBe(200);
  plugins.agentAuth.mode = 'confused';
  await until(async () => (await statusOf(plugins, 'known')) === 503);
});

it('forgets everything when agent-auth says so, or begins to count anew', async () => {
  const plugins = await startPlugins({
    timings: { pollMs: 50, trustMs: NEVER, unknownMs: 1 },
  });
  plugins.agentAuth.issue('token');
  expect(await statusOf(plugins, 'token')).toBe(200);
  plugins.agentAuth.reset = true;
  await nextPoll(plugins);
  expect(await statusOf(plugins, 'token')).toBe(200);
  expect(timesAsked(plugins, 'token')).toBe(2);

  plugins.agentAuth.restoreBackup();
  await until(async () => (await statusOf(plugins, 'token')) === 401);
  // Tokens are kept again after that, and their revocations heard of.
  plugins.agentAuth.issue('later');
  expect(await statusOf(plugins, 'later')).toBe(200);
  expect(await statusOf(plugins, 'later')).toBe(200);
  expect(timesAsked(plugins, 'later')).toBe(1);
  plugins.agentAuth.revokeToken('later');
  await until(async () => (await statusOf(plugins, 'later')) === 401);
});

it('does not keep what was being asked for when everything had to be forgotten', async () => {
  const plugins = await startPlugins({
    timings: { pollMs: 50, trustMs: NEVER },
  });
  plugins.agentAuth.issue('other');
  plugins.agentAuth.issue('token');
  expect(await statusOf(plugins, 'other')).toBe(200);
  let release = () => {};
  plugins.agentAuth.held = new Promise(resolve => {
    release = resolve;
  });
  const underWay = statusOf(plugins, 'token');
  await until(() => timesAsked(plugins, 'token') === 1);
  plugins.agentAuth.restoreBackup();
  await nextPoll(plugins);
  release();
  expect(await underWay).toBe(200);
  expect(await statusOf(plugins, 'token')).toBe(401);
});

it('refuses a token that expires while it is known', async () => {
  const plugins = await startPlugins();
  plugins.agentAuth.issue('brief', { expiresAt: Date.now() + 500 });
  expect(await statusOf(plugins, 'brief')).toBe(200);
  await until(async () => (await statusOf(plugins, 'brief')) === 401);
});

it('reads facts again in the background', async () => {
  const plugins = await startPlugins({
    timings: { refreshMs: 200, trustMs: NEVER },
  });
  const change = (team: string) =>
    plugins.agentAuth.issue('token', {
      principal: { ...someFacts().principal, teams: [team] },
    });
  change('group:default/old');
  expect((await plugins.callerOf('token')).teams).toEqual([
    'group:default/old',
  ]);
  change('group:default/new');
  await until(
    async () =>
      (await plugins.callerOf('token')).teams[0] === 'group:default/new',
  );
  plugins.agentAuth.mode = 'down';
  await new Promise(resolve => setTimeout(resolve, 300));
  // A caller waits for none of this, and loses nothing when it fails.
  expect(await statusOf(plugins, 'token')).toBe(200);
  expect(await statusOf(plugins, 'token')).toBe(200);
});

it('asks for an unknown token once in a while, and takes it as soon as it is valid', async () => {
  const plugins = await startPlugins({ timings: { unknownMs: 300 } });
  for (let count = 0; count < 5; count++) {
    expect(await statusOf(plugins, 'token')).toBe(401);
  }
  expect(timesAsked(plugins, 'token')).toBe(1);
  plugins.agentAuth.issue('token');
  await until(async () => (await statusOf(plugins, 'token')) === 200);
});

it('asks for many new callers at once, and for each one once', async () => {
  const plugins = await startPlugins();
  const { agentAuth } = plugins;
  const tokens = Array.from({ length: 250 }, (_, index) => `token-${index}`);
  tokens.forEach(token => agentAuth.issue(token));
  let release = () => {};
  agentAuth.held = new Promise(resolve => {
    release = resolve;
  });
  agentAuth.issue('first');
  const first = statusOf(plugins, 'first');
  await until(() => agentAuth.introspections.length === 1);

  const answers = [...tokens, ...tokens].map(token => statusOf(plugins, token));
  await until(() => plugins.received() === 1 + answers.length);
  // Three more may be under way by now, and the rest waits.
  expect(agentAuth.introspections.length).toBeLessThanOrEqual(4);
  release();
  expect(new Set(await Promise.all([first, ...answers]))).toEqual(
    new Set([200]),
  );
  const hashes = agentAuth.introspections.flat();
  expect(hashes.sort()).toEqual([...tokens, 'first'].map(hashToken).sort());
  expect(agentAuth.introspections.length).toBeLessThanOrEqual(6);
});

it('shares what it knows among the plugins of a process', async () => {
  const plugins = await startPlugins({
    authenticate: { audience: 'https://portal.example.com/shared' },
  });
  plugins.agentAuth.issue('token', {
    resource: { kind: 'proxy', audience: 'https://portal.example.com/shared' },
  });
  for (const plugin of ['alpha', 'beta', 'alpha', 'beta'] as const) {
    const response = await plugins.send({ plugin, token: 'token' });
    expect(response.status).toBe(200);
  }
  expect(timesAsked(plugins, 'token')).toBe(1);
  // Two plugins that polled for themselves would make it two.
  await new Promise(resolve => setTimeout(resolve, 2_800));
  expect(plugins.agentAuth.polls).toHaveLength(1);
  expect(plugins.agentAuth.askers).toEqual(new Set(['alpha']));
});

it('asks a caller to try again whose user cannot be looked up just now, and lets others in', async () => {
  const plugins = await startPlugins();
  const { agentAuth } = plugins;
  agentAuth.issue('token');
  agentAuth.issue('other');
  agentAuth.unavailable.add(hashToken('token'));
  const [response, status] = await Promise.all([
    plugins.send({ token: 'token' }),
    statusOf(plugins, 'other'),
  ]);
  expect(status).toBe(200);
  expect(response.status).toBe(503);
  expect((await response.json()).error).toMatchObject({
    name: 'ServiceUnavailableError',
    message: expect.stringContaining('cannot look up the user'),
  });
  agentAuth.unavailable.clear();
  expect(await statusOf(plugins, 'token')).toBe(200);
});

it('keeps a caller in whose facts cannot be read again just now', async () => {
  const plugins = await startPlugins({
    timings: { refreshMs: 50, trustMs: NEVER },
  });
  plugins.agentAuth.issue('token');
  expect(await statusOf(plugins, 'token')).toBe(200);
  plugins.agentAuth.unavailable.add(hashToken('token'));
  await until(
    async () =>
      (await statusOf(plugins, 'token')) === 200 &&
      timesAsked(plugins, 'token') >= 3,
  );
  expect(await statusOf(plugins, 'token')).toBe(200);
});

it('takes no facts about another token', async () => {
  const plugins = await startPlugins();
  const { agentAuth } = plugins;
  agentAuth.issue('mine', { connectionId: '' });
  expect(await statusOf(plugins, 'mine')).toBe(503);
  agentAuth.issueUnder('stolen', 'other');
  expect(await statusOf(plugins, 'stolen')).toBe(503);
});
