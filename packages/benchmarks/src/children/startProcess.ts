import { ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import type { ChildMessage, ProcessUse } from './runProcess';

/** A process of the benchmark that is not the backend. */
export interface Child<Ready> {
  ready: Ready;
  pid: number;
  use(): Promise<ProcessUse>;
  stop(): Promise<void>;
}

/**
 * Starts a process that `runProcess` runs, and waits until it is ready.
 *
 * @param entry - what it runs, as a path in this package
 * @throws Error when it ends before it is ready
 */
export async function startProcess<Ready>(
  entry: string,
  options: object = {},
): Promise<Child<Ready>> {
  const child = fork(
    resolvePackagePath('@prompt-corner/benchmarks', entry),
    [],
    {
      execArgv: [
        '--require',
        require.resolve('@backstage/cli/config/nodeTransform.cjs'),
      ],
      env: { ...process.env, NODE_ENV: 'production' },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    },
  );
  const exited = once(child, 'exit');
  const ask = async (message: object): Promise<ChildMessage<Ready>> => {
    const answer = nextAnswer<Ready>(child);
    child.send(message);
    return Promise.race([
      answer,
      exited.then(() => {
        throw new Error(`${entry} ended`);
      }),
    ]);
  };
  const { ready } = await ask(options);
  return {
    ready,
    pid: child.pid!,
    use: async () => (await ask({})).use,
    stop: async () => {
      child.kill();
      await exited;
    },
  };
}

/** What compiles the child's files on the way tells which ones it read; that is no answer. */
function nextAnswer<Ready>(child: ChildProcess): Promise<ChildMessage<Ready>> {
  return new Promise(resolve => {
    const take = (message: Partial<ChildMessage<Ready>>) => {
      if (message.use) {
        child.off('message', take);
        resolve(message as ChildMessage<Ready>);
      }
    };
    child.on('message', take);
  });
}
