import { TestDatabases } from '@backstage/backend-test-utils';
import { accountAt } from '../__testUtils__/startMcpServer';
import { startAuthorizationServer } from '../__testUtils__/startAuthorizationServer';
import {
  ADA,
  callerOf,
  EVE,
  startWorld,
  uuidOf,
  type World,
} from '../__testUtils__/startWorld';
import { TestBrowser } from '../__testUtils__/TestBrowser';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

describe.each(databases.eachSupportedId())('An attacker on %s', databaseId => {
  let world: World;
  afterEach(() => world.stop());

  async function start() {
    world = await startWorld(await databases.init(databaseId));
    const gitlab = await world.addServer('gitlab', { mode: 'oauth' });
    const { upstream } = world.replica();
    return {
      gitlab,
      upstream,
      ada: new TestBrowser(world, ADA),
      eve: new TestBrowser(world, EVE),
    };
  }

  const credentials = () => world.database('user_credentials');
  const NOT_WAITING = {
    status: 0,
    body: expect.stringContaining('problem=not-waiting'),
  };

  it('does not get what the victim grants, by a link of the attacker', async () => {
    const { ada, eve } = await start();
    const link = await eve.begin('gitlab');
    // Ada signs in there, and is sent back to a portal that waits for Eve's browser.
    const callback = await ada.authorize(link, 'ada@gitlab');
    expect(await ada.finish(callback)).toEqual(NOT_WAITING);
    expect(await credentials()).toEqual([]);
    // Nor when Ada has begun something herself.
    await ada.begin('gitlab');
    expect(await ada.finish(callback)).toEqual(NOT_WAITING);
    expect(await credentials()).toEqual([]);
  });

  it('cannot make the victim use the account of the attacker (login CSRF)', async () => {
    const { ada, eve } = await start();
    const callback = await eve.authorize(
      await eve.begin('gitlab'),
      'eve@gitlab',
    );
    await ada.begin('gitlab');
    expect(await ada.finish(callback)).toEqual(NOT_WAITING);
    const { origin, pathname, searchParams } = new URL(callback);
    const mine = new URL(await ada.begin('gitlab')).searchParams.get('state')!;
    // Eve's code with Ada's state: Ada's verifier does not fit.
    const mixed = `${origin}${pathname}?${new URLSearchParams({
      code: searchParams.get('code')!,
      iss: searchParams.get('iss')!,
      state: mine,
    })}`;
    expect(await ada.finish(mixed)).toMatchObject({ status: 403 });
    expect(await credentials()).toEqual([]);
  });

  it('does not get what the next user of the same browser grants', async () => {
    const { ada } = await start();
    const shared = ada;
    const link = await shared.begin('gitlab');
    // Another user signs in to Backstage in this browser, and then at the server.
    shared.user = EVE;
    const callback = await shared.authorize(link, 'eve@gitlab');
    expect(await shared.finish(callback)).toMatchObject({
      status: 403,
      body: { error: { message: expect.stringContaining('Somebody else') } },
    });
    expect(await credentials()).toEqual([]);
  });

  it('cannot open a link that was made for somebody else', async () => {
    const { gitlab, upstream, eve, ada } = await start();
    const { elicitationId } = await upstream
      .headersFor(gitlab, callerOf(ADA))
      .catch(error => error);
    await expect(eve.begin('gitlab', elicitationId)).rejects.toThrow(
      /403.*made for somebody else/,
    );
    await expect(
      ada.begin('gitlab', '00000000-0000-4000-8000-000000000000'),
    ).rejects.toThrow(/404/);
  });

  it('cannot begin a flow with a web page in the victim’s browser (CSRF)', async () => {
    const { ada } = await start();
    await ada.begin('gitlab');
    // A page of somebody else can make the browser send cookies, not the Backstage token.
    for (const path of ['/credentials/gitlab/connect', '/credentials']) {
      const response = await fetch(`${world.baseUrl}${path}`, {
        method: path.endsWith('connect') ? 'POST' : 'GET',
        headers: { cookie: 'mcp-portal-flow=1' },
      });
      expect(response.status).toBe(401);
    }
    expect(await world.database('authorization_flows')).toHaveLength(1);
  });

  it('cannot use a state or an answer a second time, nor late', async () => {
    const { ada } = await start();
    const callback = await ada.authorize(
      await ada.begin('gitlab'),
      'ada@gitlab',
    );
    const { searchParams } = new URL(callback);
    const first = await ada.open(callback);
    const flow = new URL(first.headers.get('location')!).searchParams.get(
      'flow',
    );
    expect(await ada.finish(callback)).toEqual(NOT_WAITING);
    const finish = () => ada.api('POST', `/credential-flows/${flow}/finish`);
    const both = await Promise.all([finish(), finish()]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 404]);
    expect(world.as.grants).toEqual(['authorization_code']);
    // The code of the first flow in a flow of its own.
    const again = new URL(callback);
    again.searchParams.set(
      'state',
      new URL(await ada.begin('gitlab')).searchParams.get('state')!,
    );
    expect(again.searchParams.get('code')).toBe(searchParams.get('code'));
    expect(await ada.finish(again.href)).toMatchObject({ status: 403 });

    const late = await ada.authorize(await ada.begin('gitlab'), 'ada@gitlab');
    await world
      .database('authorization_flows')
      .update({ expires_at: new Date(Date.now() - 1) });
    expect(await ada.finish(late)).toEqual(NOT_WAITING);
  });

  it('cannot pass an answer off as that of another authorization server', async () => {
    const { ada } = await start();
    for (const iss of ['https://evil.example', '', undefined]) {
      const callback = new URL(
        await ada.authorize(await ada.begin('gitlab'), 'ada@gitlab'),
      );
      callback.searchParams.delete('iss');
      if (iss !== undefined) {
        callback.searchParams.set('iss', iss);
      }
      expect(await ada.finish(callback.href)).toMatchObject({
        status: 403,
        body: { error: { message: expect.stringContaining('RFC 9207') } },
      });
    }
    expect(world.as.grants).toEqual([]);
    expect(await credentials()).toEqual([]);
  });

  it('cannot speak to the user through an error', async () => {
    const { ada } = await start();
    const declined = await ada.authorize(await ada.begin('gitlab'), undefined);
    expect(declined).toContain('script');
    const { status, body } = await ada.finish(declined);
    expect(status).toBe(403);
    expect(body.error.message).toContain('You did not allow');
    expect(JSON.stringify(body)).not.toContain('script');

    const forged = new URL(declined);
    forged.searchParams.set(
      'state',
      new URL(await ada.begin('gitlab')).searchParams.get('state')!,
    );
    forged.searchParams.set('error', 'call_me_at_555');
    expect(JSON.stringify(await ada.finish(forged.href))).not.toContain('555');
  });

  it('sends the browser nowhere but to the portal’s own page', async () => {
    const { ada } = await start();
    for (const query of [
      '',
      '?state=x&redirect_uri=https://evil.example',
      `?state=${'x'.repeat(5_000)}`,
      '?state=a&state=b',
      '?state[a]=b&code[]=c',
      '?state=//evil.example&code=https://evil.example',
    ]) {
      const response = await ada.open(
        `${world.baseUrl}/oauth/callback${query}`,
      );
      expect(response.status).toBe(303);
      expect(response.headers.get('location')).toBe(
        'https://portal.example.com/mcp-servers/connect?problem=not-waiting',
      );
      expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    }
  });

  it.each([
    'token_endpoint',
    'authorization_endpoint',
    'registration_endpoint',
  ])(
    'gets no code or secret by metadata that name a %s elsewhere',
    async name => {
      const { ada } = await start();
      const evil = await startAuthorizationServer();
      world.trustedHosts.add(evil.host);
      world.as.metadata = { [name]: `${evil.issuer}/token` };
      await expect(ada.begin('gitlab')).rejects.toThrow(
        new RegExp(`403.*its ${name} at another host`),
      );
      await evil.stop();
    },
  );

  it('gets no token by metadata of a server that name another resource or issuer, or leave out PKCE', async () => {
    const { gitlab, ada } = await start();
    gitlab.metadata = { resource: 'https://api.github.com/mcp' };
    await expect(ada.begin('gitlab')).rejects.toThrow(/403.*another resource/);
    gitlab.metadata = {};
    world.as.metadata = { issuer: 'https://evil.example' };
    await expect(ada.begin('gitlab')).rejects.toThrow(/403.*another issuer/);
    world.as.metadata = { code_challenge_methods_supported: ['plain'] };
    await expect(ada.begin('gitlab')).rejects.toThrow(/403.*PKCE/);
    world.configured.set('gitlab', {
      mode: 'oauth',
      issuer: 'https://login.example',
      client: { id: 'portal', secret: 'of the real one' },
    });
    // The server names another one than the administrator did.
    await expect(ada.begin('gitlab')).rejects.toThrow(
      /403.*takes no tokens of/,
    );
    expect(world.as.grants).toEqual([]);
  });

  it('cannot make the portal ask internal hosts, by metadata of a server', async () => {
    const { gitlab, ada } = await start();
    const inside = await startAuthorizationServer();
    let asked = false;
    inside.beforeToken = async () => {
      asked = true;
    };
    for (const issuer of [
      inside.issuer,
      'http://169.254.169.254',
      'https://127.0.0.1:1',
      'file:///etc',
    ]) {
      gitlab.metadata = { authorization_servers: [issuer] };
      await expect(ada.begin('gitlab')).rejects.toThrow(/503|403/);
    }
    expect(asked).toBe(false);
    await inside.stop();
  });

  it('who writes to the database cannot move a credential to another user or server', async () => {
    const { gitlab, upstream, ada } = await start();
    await ada.connect('gitlab', 'ada@gitlab');
    const [row] = await credentials();
    await credentials().insert({ ...row, user: uuidOf(EVE) });
    await expect(
      upstream.headersFor(gitlab, callerOf(EVE)),
    ).rejects.toMatchObject({ name: 'AuthorizationNeededError' });
    const github = await world.addServer('github', { mode: 'oauth' });
    await credentials().insert({ ...row, server: github.entityRef });
    await expect(
      upstream.headersFor(github, callerOf(ADA)),
    ).rejects.toMatchObject({ name: 'AuthorizationNeededError' });
    expect(
      await accountAt(gitlab, await upstream.headersFor(gitlab, callerOf(ADA))),
    ).toBe('ada@gitlab');
  });

  it('who is not a user has no credential of one', async () => {
    const { gitlab, upstream, ada } = await start();
    await ada.connect('gitlab', 'ada@gitlab');
    for (const kind of ['service', 'anonymous'] as const) {
      await expect(
        upstream.headersFor(gitlab, callerOf(ADA, { kind })),
      ).rejects.toThrow(/Each user connects/);
    }
  });

  it('cannot grow what is asked for by hostile challenges', async () => {
    const { gitlab, upstream, ada } = await start();
    await ada.connect('gitlab', 'ada@gitlab');
    const caller = callerOf(ADA);
    for (const challenge of [
      `Bearer error="insufficient_scope", scope="${'x'.repeat(10_000)}"`,
      'Bearer error="insufficient_scope", scope="a\\"b \u0007c"',
      'Bearer error="insufficient_scope", scope="é"',
      'Bearer '.repeat(1_000),
      '\r\nx: y',
    ]) {
      await upstream
        .refused(gitlab, caller, { status: 401, challenge })
        .catch(() => {});
    }
    for (let index = 0; index < 100; index++) {
      const scope = Array.from({ length: 50 }, (_, n) => `s${index}-${n}`);
      await upstream
        .refused(gitlab, caller, {
          status: 403,
          challenge: `Bearer error="insufficient_scope", scope="${scope.join(
            ' ',
          )}"`,
        })
        .catch(() => {});
    }
    const [{ scope }] = await world.database('authorization_requests');
    expect(scope.length).toBeLessThanOrEqual(4_000);
    expect(scope).toMatch(/^[\x21-\x7e ]+$/);
  });
});
