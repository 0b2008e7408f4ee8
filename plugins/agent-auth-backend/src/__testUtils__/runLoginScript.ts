import { ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { renderLoginScript } from '../login';

/** What login scripts run on this machine: each name with the command for it. */
export const shells: Array<[string, string[]]> = (
  [
    ['sh', ['sh']],
    ['busybox', ['busybox', 'sh']],
    ['bash', ['bash', '--posix']],
  ] as Array<[string, string[]]>
).filter(([, [program]]) => pathOf(program));

const SHELL = shells[0][1];

/** A machine of a user: a home folder, and programs that leave a note of how they were called. */
export function makeMachine() {
  const folder = mkdtempSync(join(tmpdir(), 'login-'));
  const log = join(folder, 'calls.log');
  writeFileSync(log, '');
  for (const name of [
    'curl',
    'awk',
    'sed',
    'tr',
    'cut',
    'cksum',
    'mkdir',
    'mv',
    'rm',
    'cat',
    'date',
    'xdg-open',
  ]) {
    shim(folder, name, log, `exec ${pathOf(name) ?? 'true'} "$@"`);
  }
  // Tests have no time to wait; how long was asked for is in the log.
  shim(folder, 'sleep', log, `exec ${pathOf('sleep')} 0.1`);
  return {
    folder,
    state: join(folder, 'state', 'prompt-corner'),
    /** How programs were called until now, a line each. */
    calls: () => readFileSync(log, 'utf8'),
  };
}

/** The lines of the one file in which a machine keeps a connection. */
export function keptBy(machine: ReturnType<typeof makeMachine>): string[] {
  const [file, ...others] = readdirSync(machine.state);
  expect(others).toEqual([]);
  return readFileSync(join(machine.state, file), 'utf8').split('\n');
}

/** Starts the login script. */
export function startLogin(options: {
  issuer: string;
  machine: ReturnType<typeof makeMachine>;
  shell?: string[];
  args?: string[];
  env?: Record<string, string>;
}): {
  process: ChildProcess;
  /** Resolves with the code that the page has to show. */
  userCode: Promise<string>;
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
} {
  const { machine, shell = SHELL, args = [] } = options;
  const script = join(
    machine.folder,
    `login-${new URL(options.issuer).port}.sh`,
  );
  // Not while another shell reads it.
  if (!existsSync(script)) {
    writeFileSync(
      script,
      renderLoginScript('sh', {
        issuer: options.issuer,
        clientId: 'prompt-corner-login',
      }),
    );
  }
  const child = spawn(shell[0], [...shell.slice(1), script, ...args], {
    env: {
      PATH: [machine.folder, process.env.PATH].join(delimiter),
      HOME: machine.folder,
      XDG_STATE_HOME: join(machine.folder, 'state'),
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, as a terminal makes it.
    detached: true,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', chunk => {
    stdout += chunk;
  });
  const ended = new Promise<{
    code: number | null;
    stdout: string;
    stderr: string;
  }>(resolve => child.on('close', code => resolve({ code, stdout, stderr })));
  const userCode = new Promise<string>((resolve, reject) => {
    child.stderr.on('data', chunk => {
      stderr += chunk;
      const code = /this code: {2}(\S+)\n/.exec(stderr)?.[1];
      if (code) {
        resolve(code);
      }
    });
    ended.then(() => reject(new Error(`No code was shown: ${stderr}`)));
  });
  // Not everyone waits for it.
  userCode.catch(() => {});
  return { process: child, userCode, ended };
}

/** Starts a real authorization server; see `deviceFlowServer.mjs`. */
export async function startDeviceFlowServer(
  accessTokenSeconds: number,
): Promise<{
  url: string;
  decide(userCode: string, error?: string): Promise<void>;
  requests(): Promise<
    Array<{
      grantType: string;
      status: number;
      error?: string;
      resource?: string;
    }>
  >;
  stop(): void;
}> {
  const child = spawn(
    process.execPath,
    [join(__dirname, 'deviceFlowServer.mjs'), String(accessTokenSeconds)],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', () => reject(new Error('The server did not start')));
  });
  return {
    url,
    async decide(userCode, error) {
      await fetch(`${url}/test/decide`, {
        method: 'POST',
        body: JSON.stringify({ userCode, error }),
      });
    },
    requests: async () =>
      (await (await fetch(`${url}/test/requests`)).json()) as any,
    stop: () => child.kill(),
  };
}

/** Starts a server that answers each endpoint with what is given, one after the other, the last one again. */
export async function startAnswers(
  answers: Record<string, Array<[status: number, body: unknown]>>,
) {
  const forms: Array<{ path: string; form: URLSearchParams }> = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) {
      body += chunk;
    }
    forms.push({ path: request.url!, form: new URLSearchParams(body) });
    const left = answers[request.url!] ?? [[404, 'not here']];
    const [status, answer] = left.length > 1 ? left.shift()! : left[0];
    if (status === 0) {
      request.socket.destroy();
      return;
    }
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    forms,
    stop: () =>
      new Promise(resolve => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

function shim(folder: string, name: string, log: string, then: string) {
  writeFileSync(
    join(folder, name),
    `#!/bin/sh\nprintf '%s\\n' "${name} $*" >>'${log}'\n${then}\n`,
    { mode: 0o755 },
  );
}

function pathOf(program: string): string | undefined {
  try {
    return execFileSync('/bin/sh', ['-c', `command -v ${program}`], {
      encoding: 'utf8',
    }).trim();
  } catch {
    return undefined;
  }
}
