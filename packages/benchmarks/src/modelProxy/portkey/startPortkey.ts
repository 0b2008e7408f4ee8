import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { findFreePort } from '@prompt-corner/backend-testing/ports';
import { installPackages } from '../../packages/installPackages';
import { untilListening } from '../contenders/untilListening';

const PACKAGE = '@portkey-ai/gateway@1.15.2';

/** What its own lock file has: with newer ones every request fails. Node 24 makes it warn once. */
const OVERRIDES = { hono: '4.9.7', '@hono/node-server': '1.13.5' };

const ENTRY = 'node_modules/@portkey-ai/gateway/build/start-server.js';

/** A running Portkey gateway. */
export interface Portkey {
  /** As an origin. */
  url: string;
  version: string;
  /** By which it knows where to forward to. */
  headers: Record<string, string>;
  pid: number;
  stop(): Promise<void>;
}

/**
 * Installs the gateway in a temporary folder, starts it as its documentation
 * says, and waits until it listens.
 *
 * @param upstream - an origin
 * @throws Error when it cannot be installed, or ends before it listens
 */
export async function startPortkey(upstream: string): Promise<Portkey> {
  const { folder, remove } = await installPackages([PACKAGE], OVERRIDES);
  const port = await findFreePort();
  const child = spawn(
    process.execPath,
    [join(folder, ENTRY), `--port=${port}`, '--headless'],
    {
      cwd: folder,
      env: { PATH: process.env.PATH, NODE_ENV: 'production' },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGKILL');
    await exited;
    await remove();
  };
  try {
    await untilListening({ name: 'Portkey', port, child });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `http://127.0.0.1:${port}`,
    version: PACKAGE,
    headers: {
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': `${upstream}/v1`,
    },
    pid: child.pid!,
    stop,
  };
}
