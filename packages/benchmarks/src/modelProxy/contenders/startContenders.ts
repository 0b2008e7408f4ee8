import { ProcessTrees } from '../../children/ProcessTrees';
import { startProcess } from '../../children/startProcess';
import type { Probe } from '../../probe/Probe';
import type { DatabaseAddress } from '../../stack';
import { startBackend } from '../backend/startBackend';
import { startNginx } from '../nginx/startNginx';
import type { Pipe } from '../pipe/process';
import { startPortkey } from '../portkey/startPortkey';
import type { Provider } from '../provider/process';
import type { Contender, ContenderName } from './Contender';

const PATH = '/v1/chat/completions';

/** All that is measured, running. */
export interface Contenders {
  all: Contender[];
  /** Those that this machine cannot run, and why. */
  skipped: Array<{ name: ContenderName; reason: string }>;
  /** Of the backend with the proxy, when it takes part. */
  probe?: Probe;
  stop(): Promise<void>;
}

/** Something between client and provider, in a process of its own. */
interface Started {
  url: string;
  version?: string;
  headers?: Record<string, string>;
  tokens?: string[];
  pid: number;
  stop(): Promise<void>;
}

/**
 * Starts the provider, and what stands before it.
 *
 * @param options.names - which ones
 * @param options.address - of a database that is replaced
 * @param options.say - is told what happens while one waits
 */
export async function startContenders(options: {
  names: ContenderName[];
  address: DatabaseAddress;
  say: (line: string) => void;
}): Promise<Contenders> {
  const { names, address, say } = options;
  const stops: Array<() => Promise<void> | void> = [];
  const stop = async () => {
    for (const each of stops.reverse()) {
      await each();
    }
  };
  let probe: Probe | undefined;
  try {
    say('Starting the provider');
    const provider = await startProcess<Provider>(
      'src/modelProxy/provider/process.ts',
    );
    stops.push(provider.stop);
    const upstream = provider.ready.url;
    const starters: Record<
      Exclude<ContenderName, 'direct'>,
      () => Promise<Started | undefined>
    > = {
      pipe: async () => {
        const pipe = await startProcess<Pipe>(
          'src/modelProxy/pipe/process.ts',
          { upstream },
        );
        return { ...pipe, url: `${pipe.ready.url}${PATH}` };
      },
      nginx: async () => {
        const nginx = await startNginx(upstream);
        return nginx && { ...nginx, url: `${nginx.url}${PATH}` };
      },
      portkey: async () => {
        const portkey = await startPortkey(upstream);
        return { ...portkey, url: `${portkey.url}${PATH}` };
      },
      'prompt-corner': async () => {
        const backend = await startBackend({ address, upstream });
        probe = backend.probe;
        return { ...backend, ...backend.target };
      },
    };
    const all: Contender[] = [];
    const skipped: Contenders['skipped'] = [];
    for (const name of names) {
      if (name === 'direct') {
        const target = {
          url: `${upstream}${PATH}`,
          headers: {},
          tokens: ['none'],
        };
        all.push({ name, target });
        continue;
      }
      say(`Starting ${name}`);
      const started = await starters[name]();
      if (!started) {
        skipped.push({ name, reason: `this machine has no ${name}` });
        continue;
      }
      const { url, version, headers = {}, tokens = ['none'], pid } = started;
      const processes = new ProcessTrees(() => [pid]);
      stops.push(started.stop, () => processes.stop());
      all.push({
        name,
        version,
        target: { url, headers, tokens },
        use: () => processes.use(),
      });
    }
    return { all, skipped, probe, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
