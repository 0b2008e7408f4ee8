/** What a process has used since it began. */
export interface ProcessUse {
  /** On processors. */
  cpuMs: number;
  rssMib: number;
}

/** What a child says when it is ready, and each time it is asked. */
export interface ChildMessage<Ready> {
  ready: Ready;
  use: ProcessUse;
}

/** What this process has used. */
export function readUse(): ProcessUse {
  const { user, system } = process.cpuUsage();
  return {
    cpuMs: (user + system) / 1_000,
    rssMib: process.memoryUsage.rss() / 2 ** 20,
  };
}

/**
 * Runs a process that `startProcess` has started: the first message has the
 * options, each later one asks what was used. Ends when the parent does.
 *
 * @param run - returns what the parent has to know once all is ready
 */
export function runProcess<Options, Ready>(
  run: (options: Options) => Promise<Ready>,
): void {
  process.once('disconnect', () => process.exit());
  process.once('message', async options => {
    try {
      const ready = await run(options as Options);
      const tell = () => process.send!({ ready, use: readUse() });
      process.on('message', tell);
      tell();
    } catch (error) {
      console.error(error);
      process.exit(1);
    }
  });
}
