import { hashToken } from '../internal';
import { Plugins, startPlugins, until } from '../__testUtils__/startPlugins';

/** So long that in a test an unknown token is not asked for twice. */
const NEVER = 600_000;

const LIMIT = 300;

/** A request behind a proxy that adds the address. */
const from = (address: string, token: string) => ({
  token,
  headers: { 'x-forwarded-for': address },
});

/** Sends unknown tokens at once, and returns the different answers' statuses. */
async function guess(
  plugins: Plugins,
  options: { address: string; count: number; name?: string },
): Promise<number[]> {
  const { address, count, name = address.replaceAll(':', '-') } = options;
  const responses = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      plugins.send(from(address, `${name}-${index}`)),
    ),
  );
  return [...new Set(responses.map(({ status }) => status))];
}

it('does not look up more than 300 unknown tokens of an address, and leaves everybody else alone', async () => {
  const plugins = await startPlugins({
    trustProxy: 'loopback',
    timings: { unknownMs: NEVER },
  });
  const { agentAuth, send } = plugins;
  const statusOf = async (address: string, token: string) =>
    (await send(from(address, token))).status;
  agentAuth.issue('known');
  agentAuth.issue('new');
  expect(await statusOf('203.0.113.7', 'known')).toBe(200);

  const guesses = { address: '203.0.113.7', count: LIMIT };
  expect(await guess(plugins, guesses)).toEqual([401]);
  const refused = await send(from('203.0.113.7', 'new'));
  expect(refused.status).toBe(429);
  const wait = Number(refused.headers.get('retry-after'));
  expect(wait).toBeGreaterThan(30);
  expect(wait).toBeLessThanOrEqual(60);
  expect(refused.headers.get('www-authenticate')).toBeNull();
  expect(await statusOf('::ffff:203.0.113.7', 'new')).toBe(429);
  expect(agentAuth.introspections.flat()).not.toContain(hashToken('new'));

  // The same address: who is known, and what was found out before.
  expect(await statusOf('203.0.113.7', 'known')).toBe(200);
  expect(await statusOf('203.0.113.7', '203.0.113.7-0')).toBe(401);
  // Its neighbour, and then the token is known everywhere.
  expect(await statusOf('203.0.113.8', 'new')).toBe(200);
  expect(await statusOf('203.0.113.7', 'new')).toBe(200);
});

it('takes all addresses of an IPv6 network for one', async () => {
  const plugins = await startPlugins({ trustProxy: 'loopback' });
  const { agentAuth, send } = plugins;
  for (const [half, address] of [
    '2001:db8::1',
    '2001:db8::ffff:0:2',
  ].entries()) {
    const guesses = { address, count: LIMIT / 2, name: `half-${half}` };
    expect(await guess(plugins, guesses)).toEqual([401]);
  }
  agentAuth.issue('new');
  const there = from('2001:DB8:0:0:1234:5678:9abc:def0', 'new');
  expect((await send(there)).status).toBe(429);
  expect((await send(from('2001:db8:0:1::1', 'new'))).status).toBe(200);
});

it('believes no client that claims another address', async () => {
  const plugins = await startPlugins();
  for (const address of ['203.0.113.1', '203.0.113.2', '203.0.113.3']) {
    const guesses = { address, count: LIMIT / 3 };
    expect(await guess(plugins, guesses)).toEqual([401]);
  }
  plugins.agentAuth.issue('new');
  expect((await plugins.send(from('203.0.113.4', 'new'))).status).toBe(429);
});

it('counts those together of whom a proxy tells no address', async () => {
  const plugins = await startPlugins({ trustProxy: 'loopback' });
  for (const address of ['unknown', '10', 'a.b']) {
    const guesses = { address, count: LIMIT / 3 };
    expect(await guess(plugins, guesses)).toEqual([401]);
  }
  plugins.agentAuth.issue('new');
  expect((await plugins.send(from('nobody', 'new'))).status).toBe(429);
});

it('looks new tokens up again when the time is over', async () => {
  const plugins = await startPlugins({ timings: { unknownWindowMs: 3_000 } });
  await guess(plugins, { address: '', count: LIMIT, name: 'guess' });
  plugins.agentAuth.issue('new');
  const refused = await plugins.send({ token: 'new' });
  expect(refused.status).toBe(429);
  const seconds = Number(refused.headers.get('retry-after'));
  expect(seconds).toBeLessThanOrEqual(3);
  await new Promise(resolve => setTimeout(resolve, seconds * 1_000));
  expect((await plugins.send({ token: 'new' })).status).toBe(200);
});

it('counts a token once, however often a client tries it', async () => {
  const plugins = await startPlugins({ timings: { unknownMs: 1 } });
  const { introspections } = plugins.agentAuth;
  const timesAsked = () =>
    introspections.flat().filter(hash => hash === hashToken('old')).length;
  await until(async () => {
    expect((await plugins.send({ token: 'old' })).status).toBe(401);
    return timesAsked() > 20;
  });
  const guesses = { address: '', name: 'guess' };
  expect(await guess(plugins, { ...guesses, count: LIMIT - 2 })).toEqual([401]);
  expect((await plugins.send({ token: 'last' })).status).toBe(401);
  expect((await plugins.send({ token: 'one-more' })).status).toBe(429);
  // It is asked for again all the same: it may be good by now.
  plugins.agentAuth.issue('old');
  expect((await plugins.send({ token: 'old' })).status).toBe(200);
});

it('keeps nobody out for tokens that could not be looked up', async () => {
  const plugins = await startPlugins();
  const guesses = { address: '', count: LIMIT + 50, name: 'token' };
  plugins.agentAuth.mode = 'down';
  expect(await guess(plugins, guesses)).toEqual([503]);
  plugins.agentAuth.mode = 'up';
  plugins.agentAuth.issue('token-0');
  expect((await plugins.send({ token: 'token-0' })).status).toBe(200);
});

it('asks again for a token that was good, when memory is too old to be trusted', async () => {
  const plugins = await startPlugins({
    timings: { pollMs: NEVER, trustMs: 200 },
  });
  plugins.agentAuth.issue('known');
  await plugins.callerOf('known');
  await guess(plugins, { address: '', count: LIMIT, name: 'guess' });
  await new Promise(resolve => setTimeout(resolve, 300));
  plugins.agentAuth.issue('new');
  expect((await plugins.send({ token: 'new' })).status).toBe(429);
  await plugins.callerOf('known');
});
