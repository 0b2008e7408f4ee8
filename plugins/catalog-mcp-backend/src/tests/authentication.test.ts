import { realAuth, realAuthConfig, signIn } from '../__testUtils__/realAuth';
import {
  exampleOrganisation,
  Portal,
  startPortal,
} from '../__testUtils__/startPortal';

jest.setTimeout(120_000);

/** Everything but the date goes on as usual. */
const ONLY_THE_DATE: Parameters<typeof jest.useFakeTimers>[0] = {
  doNotFake: [
    'hrtime',
    'nextTick',
    'performance',
    'queueMicrotask',
    'setImmediate',
    'clearImmediate',
    'setInterval',
    'clearInterval',
    'setTimeout',
    'clearTimeout',
  ],
};

const TWO_HOURS_MS = 2 * 60 * 60_000;

describe('authentication, by the real auth backend', () => {
  let portal: Portal;

  beforeAll(async () => {
    portal = await startPortal({
      entities: exampleOrganisation().filter(({ kind }) =>
        ['User', 'Group'].includes(kind),
      ),
      features: realAuth,
      config: realAuthConfig,
    });
  });

  afterEach(() => jest.useRealTimers());

  const whoAmI = (headers: Record<string, string> = {}) =>
    fetch(portal.endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...headers,
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'get_team', arguments: {} },
      }),
    });

  it('tells a caller without a token where to get one', async () => {
    const response = await whoAmI();
    expect(response.status).toBe(401);
    const challenge = response.headers.get('www-authenticate')!;
    expect(challenge).not.toContain('error=');
    const metadataUrl = /^Bearer resource_metadata="([^"]+)"$/.exec(challenge);
    expect(metadataUrl).not.toBeNull();

    const metadata = await fetch(metadataUrl![1]);
    expect(metadata.headers.get('access-control-allow-origin')).toBe('*');
    expect(await metadata.json()).toEqual({
      resource: portal.endpoint,
      resource_name: 'Software catalog',
      authorization_servers: [`${portal.url}/api/auth`],
      scopes_supported: ['openid', 'offline_access'],
      bearer_methods_supported: ['header'],
    });
    for (const path of ['', '/api/auth']) {
      const server = await fetch(
        `${portal.url}/.well-known/oauth-authorization-server${path}`,
      );
      expect((await server.json()).issuer).toBe(`${portal.url}/api/auth`);
    }
  });

  it('lets the signed-in user in, and nobody with a token that is forged or expired', async () => {
    const authorization = await signIn(portal.url, 'user:default/linus');
    const answer = await whoAmI({ authorization });
    expect(await answer.text()).toContain('group:default/payments-team');

    const [header, payload, signature] = authorization.split('.');
    const asAda = Buffer.from(
      Buffer.from(payload, 'base64url')
        .toString()
        .replaceAll('user:default/linus', 'user:default/ada'),
    ).toString('base64url');
    for (const forged of [
      'Bearer garbage',
      [header, asAda, signature].join('.'),
      authorization.replace('Bearer', 'Basic'),
    ]) {
      const refused = await whoAmI({ authorization: forged });
      expect(refused.status).toBe(401);
      expect(refused.headers.get('www-authenticate')).toContain(
        'error="invalid_token"',
      );
    }

    jest.useFakeTimers({
      ...ONLY_THE_DATE,
      now: Date.now() + TWO_HOURS_MS,
    });
    const expired = await whoAmI({ authorization });
    expect(expired.status).toBe(401);
    expect(await expired.json()).toMatchObject({ error: 'invalid_token' });
    jest.useRealTimers();
    expect((await whoAmI({ authorization })).status).toBe(200);
  });
});
