import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { ProcessTrees } from '../../../children/ProcessTrees';
import type { Contender } from '../Contender';

/** What is installed for this contender, and nowhere else. */
export const WORKERD_PACKAGES = [
  '@cloudflare/codemode@0.5.6',
  '@cloudflare/workerd-linux-64@1.20261117.1',
];

const BINARY = 'node_modules/@cloudflare/workerd-linux-64/bin/workerd';
const READY_MS = 15_000;

/** workerd, and its answers to requests that run nothing. */
export interface WorkerdContender extends Contender {
  /** One request and its answer, without code: what HTTP takes of each run. */
  roundTrip(): Promise<void>;
}

/**
 * Starts workerd and waits until it listens.
 *
 * @param folder - where `WORKERD_PACKAGES` are installed
 * @param config - path of its configuration
 */
export async function startWorkerd(
  folder: string,
  config: string,
): Promise<WorkerdContender> {
  const child = spawn(
    join(folder, BINARY),
    ['serve', '--experimental', '--control-fd=3', config],
    {
      cwd: folder,
      env: {},
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    },
  );
  const exited = once(child, 'exit');
  const port = await Promise.race([
    readPort(child.stdio[3] as Readable),
    exited.then(() => {
      throw new Error('workerd ended before it listened');
    }),
  ]);
  const processes = new ProcessTrees(() => [child.pid!]);
  const agent = new Agent({ keepAlive: true });
  const post = (code: string) => ask(agent, port, code);
  return {
    name: 'workerd',
    version: WORKERD_PACKAGES.join(', '),
    run: async code => {
      const { result, error } = JSON.parse(await post(code));
      if (error !== undefined) {
        throw new Error(error);
      }
      return result;
    },
    roundTrip: async () => {
      await post('');
    },
    use: () => processes.use(),
    stop: async () => {
      processes.stop();
      agent.destroy();
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Of the line that workerd writes for each socket. */
function readPort(control: Readable): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(
      () => reject(new Error('workerd does not listen')),
      READY_MS,
    );
    control.on('data', chunk => {
      text += chunk;
      const [, port] = /"port": ?(\d+)/.exec(text) ?? [];
      if (port) {
        clearTimeout(timer);
        resolve(Number(port));
      }
    });
  });
}

function ask(agent: Agent, port: number, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { agent, port, host: '127.0.0.1', method: 'POST' },
      response => {
        const chunks: Buffer[] = [];
        response.on('data', chunk => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          if (response.statusCode === 200) {
            resolve(text);
          } else {
            reject(new Error(`status ${response.statusCode}: ${text}`));
          }
        });
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}
