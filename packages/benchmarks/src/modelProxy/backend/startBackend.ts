import { Probe } from '../../probe/Probe';
import {
  createPersonalToken,
  DatabaseAddress,
  replaceDatabase,
  signIn,
  startChild,
  untilSuccess,
} from '../../stack';
import type { Target } from '../load/protocol';
import { USER_REF } from './entities';
import type { BackendOptions } from './process';

/** Connections of the user, as many as a team at work has. */
const TOKENS = 32;

/** The proxy in a backend in a process of its own. */
export interface ProxyBackend {
  target: Target;
  probe: Probe;
  pid: number;
  stop(): Promise<void>;
}

/**
 * Starts a backend on an empty database, and makes tokens for its proxy. Its
 * log is in `.data/model-proxy.log`.
 *
 * @param options.address - of a database that is replaced
 * @param options.upstream - origin of the provider
 */
export async function startBackend(options: {
  address: DatabaseAddress;
  upstream: string;
}): Promise<ProxyBackend> {
  const { address, upstream } = options;
  await replaceDatabase(address);
  const backend = await startChild<BackendOptions>({
    entry: 'src/modelProxy/backend/process.ts',
    log: 'model-proxy.log',
    tell: {
      database: address,
      load: true,
      user: USER_REF,
      permissions: true,
      upstream,
    },
  });
  const { baseUrl, inDevelopment, pid, stop } = backend;
  try {
    const userToken = await untilSuccess(() => signIn(baseUrl));
    const tokens = await inDevelopment(async () => {
      const made: string[] = [];
      while (made.length < TOKENS) {
        made.push(
          await createPersonalToken(baseUrl, userToken, {
            audience: `${baseUrl}/api/ai-proxy`,
            scopes: ['models:use'],
          }),
        );
      }
      return made;
    });
    return {
      target: {
        url: `${baseUrl}/api/ai-proxy/openai/v1/chat/completions`,
        headers: {},
        tokens,
      },
      probe: new Probe(baseUrl),
      pid,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
