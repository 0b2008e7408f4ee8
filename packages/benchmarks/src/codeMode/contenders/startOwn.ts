import { createCodeMode } from '@prompt-corner/code-mode';
import type { ExecuteRequest } from '@prompt-corner/code-mode';
import { ProcessTrees } from '../../children/ProcessTrees';
import type { Contender } from './Contender';
import { CALLED } from './tools';
import type { BenchTools } from './tools';

/** Starts this project's Code Mode as a plugin does, with what limits it comes. */
export async function startOwn(bench: BenchTools): Promise<Contender> {
  const codeMode = createCodeMode();
  const tools = [...bench.definitions, ...CALLED];
  const call: ExecuteRequest['call'] = async (name, args) =>
    name === 'bench_rows'
      ? bench.rows
      : { sum: Number(args.a) + Number(args.b) };
  codeMode.warm();
  const processes = new ProcessTrees(() => codeMode.health().pids);
  return {
    name: 'prompt-corner',
    get version() {
      const { engine, isolation } = codeMode.health();
      return `${engine}, ${isolation}`;
    },
    run: async (code, user) => {
      const { outcome, value, error } = await codeMode.execute({
        code,
        tools,
        call,
        principal: user,
      });
      if (outcome !== 'ok') {
        throw new Error(`${outcome}: ${error?.message}`);
      }
      return value;
    },
    use: () => processes.use(),
    stop: async () => {
      processes.stop();
      await codeMode.close();
    },
  };
}
