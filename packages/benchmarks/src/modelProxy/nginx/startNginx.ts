import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { findFreePort } from '@prompt-corner/backend-testing/ports';
import { untilListening } from '../contenders/untilListening';
import { nginxConfig } from './nginxConfig';

/** A running nginx. */
export interface Nginx {
  /** As an origin. */
  url: string;
  /** Such as `nginx/1.22.1`. */
  version: string;
  pid: number;
  stop(): Promise<void>;
}

// Debian installs it where only administrators look.
const PATH = [process.env.PATH, '/usr/sbin', '/usr/local/sbin'].join(delimiter);

/**
 * Starts nginx and waits until it listens.
 *
 * @param upstream - an origin
 * @returns undefined when this machine has none
 * @throws Error when it ends before it listens
 */
export async function startNginx(upstream: string): Promise<Nginx | undefined> {
  const version = await installedVersion();
  if (!version) {
    return undefined;
  }
  const folder = await mkdtemp(join(tmpdir(), 'prompt-corner-nginx-'));
  // Its worker is another user when it is started by root.
  await chmod(folder, 0o755);
  const port = await findFreePort();
  const config = join(folder, 'nginx.conf');
  await writeFile(config, nginxConfig({ folder, port, upstream }));
  const child = spawn('nginx', ['-p', folder, '-c', config, '-e', 'stderr'], {
    env: { PATH },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill();
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await untilListening({ name: 'nginx', port, child });
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `http://127.0.0.1:${port}`, version, pid: child.pid!, stop };
}

async function installedVersion(): Promise<string | undefined> {
  try {
    const { stderr } = await promisify(execFile)('nginx', ['-v'], {
      env: { PATH },
    });
    return /nginx\/\S+/.exec(stderr)?.[0];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}
