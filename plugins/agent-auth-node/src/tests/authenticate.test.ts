import { EXTERNAL_URL, someFacts } from '../__testUtils__/FakeAgentAuth';
import { Plugins, startPlugins } from '../__testUtils__/startPlugins';

describe('a plugin that asks who is calling', () => {
  let plugins: Plugins;

  beforeAll(async () => {
    plugins = await startPlugins({ authenticate: { scopes: ['tools:read'] } });
    plugins.agentAuth.issue('good');
    plugins.agentAuth.issue('for-beta', {
      resource: { kind: 'portal', audience: `${EXTERNAL_URL}/api/beta/v1` },
    });
    plugins.agentAuth.issue('for-longer-path', {
      resource: { kind: 'portal', audience: `${EXTERNAL_URL}/api/alpha/v1/x` },
    });
    plugins.agentAuth.issue('narrow', { scopes: ['models:use'] });
    plugins.agentAuth.issue('expired', { expiresAt: Date.now() - 1 });
  });

  it('is told everything about the caller', async () => {
    const { principal, ...facts } = someFacts();
    const caller = await plugins.callerOf('good');
    const {
      connectionId,
      client,
      grantType,
      resource,
      scopes,
      limits,
      claims,
    } = facts;
    expect(caller).toEqual({
      ...principal,
      connectionId,
      client,
      grantType,
      resource,
      scopes,
      limits,
      claims,
      network: { address: '127.0.0.1', names: [], device: {} },
    });
    expect(plugins.agentAuth.askers).toEqual(new Set(['alpha']));
  });

  it('never sends a token to agent-auth', async () => {
    await plugins.callerOf('good');
    const asked = plugins.agentAuth.introspections.flat();
    expect(asked).toContainEqual(expect.stringMatching(/^[0-9a-f]{64}$/));
    expect(asked).not.toContain('good');
  });

  it('cannot change what others see of a caller', async () => {
    await plugins.within('good', async caller => {
      expect(() => caller.teams.push('group:default/admins')).toThrow(
        'not extensible',
      );
      expect(() => Object.assign(caller.limits, { servers: ['*'] })).toThrow(
        'read only',
      );
    });
  });

  it('sends a client without a token to sign in, without calling that an error', async () => {
    for (const authorization of [undefined, '', 'Basic YTpi', 'Bearerx y']) {
      const response = await plugins.send({
        headers: authorization === undefined ? {} : { authorization },
      });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe(
        `Bearer resource_metadata="${EXTERNAL_URL}/.well-known/oauth-protected-resource/api/alpha/v1"`,
      );
      expect(await response.json()).toMatchObject({ error: 'unauthorized' });
    }
  });

  it.each([
    ['an unknown token', 'unknown', 'The token is unknown, expired or revoked'],
    ['an expired one', 'expired', 'The token has expired'],
    ['one for another plugin', 'for-beta', 'The token is for another resource'],
    [
      'one for a path below',
      'for-longer-path',
      'The token is for another resource',
    ],
    ['two words', 'a b', 'What was sent as a token is none'],
    ['markup', '"><script>', 'What was sent as a token is none'],
    ['a long text', 'x'.repeat(5_000), 'What was sent as a token is none'],
  ])('refuses %s', async (_, token, reason) => {
    const response = await plugins.send({ token });
    expect(response.status).toBe(401);
    const challenge = response.headers.get('www-authenticate')!;
    expect(challenge).toMatch(
      /^Bearer resource_metadata="[^"]+", error="invalid_token", error_description="[^"]+"$/,
    );
    expect(challenge).toContain(reason);
    const body = await response.text();
    expect(JSON.parse(body).error).toBe('invalid_token');
    expect(challenge + body).not.toContain(`"${token}"`);
  });

  it('takes a token for the other plugin only there', async () => {
    const there = await plugins.send({ plugin: 'beta', token: 'for-beta' });
    expect(there.status).toBe(200);
    const here = await plugins.send({ token: 'for-beta' });
    expect(here.status).toBe(401);
  });

  it('tells a client which scopes to ask for', async () => {
    const response = await plugins.send({ token: 'narrow' });
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toMatch(
      /error="insufficient_scope", error_description="[^"]*tools:read[^"]*", scope="tools:read"$/,
    );
    expect(await response.json()).toMatchObject({
      error: 'insufficient_scope',
    });
  });

  it('looks for a token in no header that it was not told of', async () => {
    const response = await plugins.send({ headers: { 'x-api-key': 'good' } });
    expect(response.status).toBe(401);
  });

  it('names the issuer', async () => {
    expect(await plugins.service.issuer()).toBe(
      `${EXTERNAL_URL}/api/agent-auth`,
    );
  });
});

describe('a plugin that takes tokens in several headers', () => {
  let plugins: Plugins;

  beforeAll(async () => {
    plugins = await startPlugins({
      authenticate: {
        tokenHeaders: ['authorization', 'x-api-key', 'x-goog-api-key'],
      },
    });
    plugins.agentAuth.issue('good');
    plugins.agentAuth.issue('other');
  });

  it.each([
    [{ authorization: 'bearer   good' }],
    [{ 'x-api-key': 'good' }],
    [{ 'x-goog-api-key': 'good' }],
    [{ authorization: 'Bearer good', 'x-api-key': 'good' }],
    [{ authorization: 'Basic YTpi', 'x-api-key': 'good' }],
  ])('takes %j', async headers => {
    expect((await plugins.send({ headers })).status).toBe(200);
  });

  it.each([
    [{ authorization: 'Bearer good', 'x-api-key': 'other' }],
    [{ authorization: 'Bearer', 'x-api-key': 'good' }],
    [{ 'x-goog-api-key': 'other', 'x-api-key': 'good' }],
    [{ 'x-api-key': 'good, good' }],
  ])('refuses %j', async headers => {
    const response = await plugins.send({ headers });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: 'invalid_token' });
  });
});

describe('the network of a caller', () => {
  const config = {
    networks: {
      loopback: ['127.0.0.0/8'],
      office: ['10.1.0.0/16', '2001:db8::/32'],
    },
    deviceHeaders: { managed: 'X-Device-Managed', os: 'x-device-os' },
  };
  const headers = {
    'x-forwarded-for': '10.1.2.3',
    'x-device-managed': 'yes',
  };

  async function networkWith(
    trustProxy: boolean | string | number | undefined,
    sent: Record<string, string> = headers,
  ) {
    const plugins = await startPlugins({ trustProxy, config });
    plugins.agentAuth.issue('good');
    return (await plugins.callerOf('good', sent)).network;
  }

  it.each([[undefined], [false], ['10.0.0.0/8']])(
    'is that of the connection, whatever a client claims, with trustProxy %p',
    async trustProxy => {
      expect(await networkWith(trustProxy)).toEqual({
        address: '127.0.0.1',
        names: ['loopback'],
        device: {},
      });
    },
  );

  it('is what a trusted proxy says', async () => {
    expect(await networkWith('loopback')).toEqual({
      address: '10.1.2.3',
      names: ['office'],
      device: { managed: 'yes' },
    });
  });

  it('is not what a client told the trusted proxy', async () => {
    const forged = { ...headers, 'x-forwarded-for': '10.1.2.3, 203.0.113.9' };
    expect(await networkWith('loopback', forged)).toMatchObject({
      address: '203.0.113.9',
      names: [],
    });
  });

  it('has no address when a proxy says nonsense', async () => {
    for (const nonsense of ['10', 'unknown', '10.1.2.3:99', 'a.10.1.2.3']) {
      expect(
        await networkWith('loopback', { 'x-forwarded-for': nonsense }),
      ).toEqual({ names: [], device: {} });
    }
  });
});
