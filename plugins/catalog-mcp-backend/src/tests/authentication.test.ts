import { callTool } from '../__testUtils__/callTool';
import {
  realAuth,
  realAuthConfig,
  signIn,
} from '@prompt-corner/backend-testing';
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

describe('where tokens of Backstage are accepted, by the real auth backend', () => {
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

  const whoAmI = (headers?: Record<string, string>) =>
    callTool(portal, headers);

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
    ]) {
      const refused = await whoAmI({ authorization: forged });
      expect(refused.status).toBe(401);
      expect(refused.headers.get('www-authenticate')).toContain(
        'error="invalid_token"',
      );
    }
    const basic = authorization.replace('Bearer', 'Basic');
    expect((await whoAmI({ authorization: basic })).status).toBe(401);
    expect((await whoAmI()).status).toBe(401);

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
