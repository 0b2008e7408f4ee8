import { findFreePort } from '@prompt-corner/backend-testing/ports';
import { recordedClaims, useDemo } from './demo';
import { fromRoot } from './paths';
import { runProgram } from './processes';

describe('the commands of the README', () => {
  const demo = useDemo();

  const run = (script: string, args: string[], port: string) =>
    runProgram(process.execPath, [`scripts/${script}.mjs`, ...args], {
      cwd: fromRoot(),
      env: { ...process.env, PORT: port, NODE_ENV: undefined },
      timeoutMs: 60_000,
    });
  const portOf = (url: string) => new URL(url).port;

  it('start says which port is taken and how to take another', async () => {
    const { code, stderr } = await run('start', [], portOf(demo.url));
    expect(code).toBe(1);
    expect(stderr).toContain(`Port ${portOf(demo.url)}`);
    expect(stderr).toMatch(/PORT=\d+ npm start/);
  });

  it.each(['abc', '0', '99999'])('start refuses PORT=%s', async port => {
    const { code, stderr } = await run('start', [], port);
    expect(code).toBe(1);
    expect(stderr).toContain(`PORT is "${port}", which is not a port`);
    expect(stderr).not.toContain('    at ');
  });

  const askCatalog = async (token: string) => {
    const { status } = await fetch(demo.endpoint, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token.trim()}`,
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
    });
    return status;
  };

  it('token prints a token of the catalog and nothing else', async () => {
    const { code, stdout } = await run('token', ['ada'], portOf(demo.url));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^[\w-]{43}\n$/);
    expect(await askCatalog(stdout)).toBe(200);
  });

  it('token records how the persona signed in, for policies', async () => {
    await run('token', ['ada'], portOf(demo.url));

    const response = await fetch(`${demo.issuer}/connections`, {
      headers: { authorization: `Bearer ${await demo.signIn('ada')}` },
    });
    const { items } = await response.json();
    const made = items.filter(
      ({ client }: any) => client.id === 'prompt-corner-login',
    );
    expect(made).not.toEqual([]);
    for (const { id } of made) {
      expect(recordedClaims(demo, id)).toMatchObject({
        amr: ['pwd'],
        acr: 'urn:example:password',
      });
    }
  });

  it.each([
    // An agent's token says nothing to who reads it; the portal's own is a JWT.
    { purpose: 'catalog', pattern: /^[\w-]{43}\n$/, catalog: 200 },
    { purpose: 'portal', pattern: /^[\w-]{43}\n$/, catalog: 401 },
    { purpose: 'proxy', pattern: /^[\w-]{43}\n$/, catalog: 401 },
    {
      purpose: 'backstage',
      pattern: /^[\w-]+\.[\w-]+\.[\w-]+\n$/,
      catalog: 401,
    },
  ])(
    'token --for $purpose prints one that the catalog answers with $catalog',
    async ({ purpose, pattern, catalog }) => {
      const args = ['ada', '--for', purpose];
      const { code, stdout } = await run('token', args, portOf(demo.url));
      expect(code).toBe(0);
      expect(stdout).toMatch(pattern);
      expect(await askCatalog(stdout)).toBe(catalog);
    },
  );

  it('token says what there are tokens for', async () => {
    const args = ['ada', '--for', 'everything'];
    const { code, stdout, stderr } = await run('token', args, portOf(demo.url));
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('catalog, portal, proxy, backstage');
    expect(stderr).not.toContain('    at ');
  });

  it('token names the personas, and says how to start the portal', async () => {
    const unknown = await run('token', ['nobody'], portOf(demo.url));
    expect(unknown.code).toBe(1);
    expect(unknown.stdout).toBe('');
    expect(unknown.stderr).toContain('ada');

    const nowhere = await run('token', ['ada'], String(await findFreePort()));
    expect(nowhere.code).toBe(1);
    expect(nowhere.stderr).toContain('npm start');
  });
});
