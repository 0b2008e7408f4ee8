import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const DEADLINE_MS = 30_000;
const INTERVAL_MS = 50;

/**
 * Waits until a process that says nothing about it listens at a port of the
 * loopback interface.
 *
 * @throws Error when it ends before, or takes half a minute
 */
export async function untilListening(options: {
  name: string;
  port: number;
  child: ChildProcess;
}): Promise<void> {
  const { name, port, child } = options;
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await listens(port))) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`${name} ended before it listened`);
    }
    if (Date.now() > deadline) {
      throw new Error(`${name} does not listen at port ${port}`);
    }
    await delay(INTERVAL_MS);
  }
}

async function listens(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
