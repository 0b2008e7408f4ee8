import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  keptBy,
  makeMachine,
  shells,
  startDeviceFlowServer,
  startLogin,
} from '../__testUtils__/runLoginScript';

jest.setTimeout(60_000);

type Server = Awaited<ReturnType<typeof startDeviceFlowServer>>;
type Machine = ReturnType<typeof makeMachine>;

/** Runs the script, and approves what it asks for. */
async function signIn(
  server: Server,
  machine: Machine,
  options: { shell?: string[]; args?: string[] } = {},
) {
  const login = startLogin({ issuer: server.url, machine, ...options });
  await server.decide(await login.userCode);
  return await login.ended;
}

describe('with an authorization server', () => {
  let server: Server;
  let shortLived: Server;

  beforeAll(async () => {
    [server, shortLived] = await Promise.all([
      startDeviceFlowServer(3600),
      startDeviceFlowServer(30),
    ]);
  });

  afterAll(() => {
    server.stop();
    shortLived.stop();
  });

  it.each(shells)(
    'signs in, keeps the connection, and ends it, in %s',
    async (_, shell) => {
      const machine = makeMachine();
      const before = (await server.requests()).length;

      const first = await signIn(server, machine, { shell });
      expect(first).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^[A-Za-z0-9_-]{43}\n$/),
      });
      expect(first.stderr).toContain(`${server.url}/device?user_code=`);
      expect(first.stderr).not.toContain(first.stdout.trim());

      const asked = (await server.requests()).length;
      expect(asked).toBeGreaterThan(before);
      const second = await startLogin({ issuer: server.url, machine, shell })
        .ended;
      expect(second).toEqual({ code: 0, stdout: first.stdout, stderr: '' });
      expect(await server.requests()).toHaveLength(asked);

      const [, access, , refresh] = keptBy(machine);
      expect(access).toBe(first.stdout.trim());
      expect(statSync(machine.state).mode % 0o1000).toBe(0o700);
      const [file] = readdirSync(machine.state);
      expect(statSync(join(machine.state, file)).mode % 0o1000).toBe(0o600);

      // Other users of a machine see how programs are called.
      expect(refresh).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(machine.calls()).toMatch(/^curl .*--data @-/m);
      expect(machine.calls()).not.toContain(access);
      expect(machine.calls()).not.toContain(refresh);

      const logout = await startLogin({
        issuer: server.url,
        machine,
        shell,
        args: ['--logout'],
      }).ended;
      expect(logout).toEqual({
        code: 0,
        stdout: '',
        stderr: 'prompt-corner: Signed out.\n',
      });
      expect(readdirSync(machine.state)).toEqual([]);
      const refused = await fetch(`${server.url}/oauth/token`, {
        method: 'POST',
        body: new URLSearchParams({
          client_id: 'prompt-corner-login',
          grant_type: 'refresh_token',
          refresh_token: refresh,
        }),
      });
      expect(await refused.json()).toMatchObject({ error: 'invalid_grant' });
    },
  );

  it('gets new tokens without a browser, and never uses a refresh token twice when run many times at once', async () => {
    const machine = makeMachine();
    // Too short to be kept: each run needs a new one.
    const { stdout } = await signIn(shortLived, machine);
    const before = (await shortLived.requests()).length;

    const runs = await Promise.all(
      Array.from(
        { length: 5 },
        () => startLogin({ issuer: shortLived.url, machine }).ended,
      ),
    );

    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
    expect(new Set([stdout, ...runs.map(run => run.stdout)]).size).toBe(6);
    expect((await shortLived.requests()).slice(before)).toEqual(
      Array.from({ length: 5 }, () =>
        expect.objectContaining({ grantType: 'refresh_token', status: 200 }),
      ),
    );
  });

  it('asks to sign in again when the connection was revoked', async () => {
    const machine = makeMachine();
    await signIn(shortLived, machine);
    const [, , , refresh] = keptBy(machine);
    await fetch(`${shortLived.url}/oauth/revoke`, {
      method: 'POST',
      body: new URLSearchParams({
        client_id: 'prompt-corner-login',
        token: refresh,
      }),
    });

    const again = await signIn(shortLived, machine);

    expect(again).toMatchObject({ code: 0 });
    expect(keptBy(machine)[3]).not.toBe(refresh);
  });

  it('asks for the resource that the user names, and keeps its token apart', async () => {
    const machine = makeMachine();
    const resource = `${server.url}/portal/x?a=b&c=%20d`;
    const args = ['--resource', resource, '--scope', 'tools:read models:use'];
    const before = (await server.requests()).length;

    await signIn(server, machine);
    const { code } = await signIn(server, machine, { args });

    expect(code).toBe(0);
    expect(readdirSync(machine.state)).toHaveLength(2);
    expect((await server.requests()).slice(before).at(-1)).toMatchObject({
      resource,
      status: 200,
    });
  });

  it('keeps nothing when told so', async () => {
    const machine = makeMachine();
    const { code } = await signIn(server, machine, { args: ['--no-cache'] });

    expect(code).toBe(0);
    expect(existsSync(machine.state)).toBe(false);
  });

  it('says that the user refused', async () => {
    const machine = makeMachine();
    const login = startLogin({ issuer: server.url, machine });
    await server.decide(await login.userCode, 'access_denied');

    expect(await login.ended).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/You refused .* Run this again/),
    });
    expect(readdirSync(machine.state)).toEqual([]);
  });

  it('can be interrupted, and leaves nothing behind', async () => {
    const machine = makeMachine();
    const login = startLogin({ issuer: server.url, machine });
    await login.userCode;
    expect(readdirSync(machine.state)).toHaveLength(1);

    process.kill(-login.process.pid!, 'SIGINT');

    expect(await login.ended).toMatchObject({ code: 130, stdout: '' });
    expect(readdirSync(machine.state)).toEqual([]);
  });
});
