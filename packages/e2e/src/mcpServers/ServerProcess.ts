import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '@prompt-corner/backend-testing/ports';

const START_TIMEOUT_MS = 60_000;
const POLL_INTERVAL_MS = 100;

/** An MCP server that runs as its own process on the loopback interface. */
export class ServerProcess {
  /** Of its endpoint (Streamable HTTP). */
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#child = child;
  }

  /**
   * Starts it, and waits until it accepts connections.
   *
   * @param options.command - program and arguments, for a port of the loopback interface
   * @param options.env - all that it gets of the environment
   * @throws Error with what it printed when it stops or takes too long
   */
  static async start(options: {
    command: (port: number) => string[];
    env: Record<string, string>;
  }): Promise<ServerProcess> {
    const port = await findFreePort();
    const [program, ...args] = options.command(port);
    const child = spawn(program, args, {
      env: { PATH: process.env.PATH, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const collect = (printed: unknown) => {
      output += printed;
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', collect);
    const url = `http://127.0.0.1:${port}/mcp`;
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await accepts(url))) {
      if (child.exitCode !== null || Date.now() > deadline) {
        child.kill('SIGKILL');
        throw new Error(`${program} ${args.join(' ')} failed:\n${output}`);
      }
      await sleep(POLL_INTERVAL_MS);
    }
    return new ServerProcess(url, child);
  }

  /** Ends it, and what it has started. */
  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await exited;
    }
  }
}

async function accepts(url: string): Promise<boolean> {
  try {
    await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(5_000) });
    return true;
  } catch {
    return false;
  }
}
