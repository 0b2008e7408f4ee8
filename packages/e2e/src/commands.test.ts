import { useDemo } from './demo';
import { findFreePort } from './demo/findFreePort';
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

  it('token prints a token and nothing else', async () => {
    const { code, stdout } = await run('token', ['ada'], portOf(demo.url));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
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
