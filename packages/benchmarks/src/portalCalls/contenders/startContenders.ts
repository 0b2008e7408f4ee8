import { startBackend } from '../backend/startBackend';
import { startProcess } from '../../children/startProcess';
import type { Probe } from '../../probe/Probe';
import type { McpProxy } from '../mcpProxy/process';
import { CALLED_SERVER, LARGE, PortalSize, USUAL } from '../sizes';
import type { ToolServers } from '../toolServers/process';
import type { DatabaseAddress } from '../../stack';
import type { Contender } from './Contender';

/** All that is measured, running. */
export interface Contenders {
  all: Contender[];
  /** Where the tools of a portal are listed: at the portal, and at each server behind it. */
  listings: Array<{
    size: PortalSize;
    portal: { url: string; token: string };
    servers: string[];
  }>;
  /** Of the backend with the portal. */
  probe: Probe;
  stop(): Promise<void>;
}

/**
 * Starts the servers, `mcp-proxy` and the portal, each in a process of its own.
 *
 * @param options.clients - the most that call at once
 * @param options.say - is told what happens while one waits
 */
export async function startContenders(options: {
  address: DatabaseAddress;
  clients: number;
  say: (line: string) => void;
}): Promise<Contenders> {
  const { address, clients, say } = options;
  const stops: Array<() => Promise<void>> = [];
  const stop = async () => {
    for (const each of stops.reverse()) {
      await each();
    }
  };
  try {
    say('Starting the servers and mcp-proxy');
    const servers = await startProcess<ToolServers>(
      'src/portalCalls/toolServers/process.ts',
    );
    stops.push(servers.stop);
    const { urls } = servers.ready;
    const proxy = await startProcess<McpProxy>(
      'src/portalCalls/mcpProxy/process.ts',
      { upstream: urls[CALLED_SERVER] },
    );
    stops.push(proxy.stop);
    say('Starting the portal on an empty database');
    const backend = await startBackend({ address, urls });
    stops.push(backend.stop);
    say(`Making ${clients} tokens`);
    const tokens = await backend.tokensFor(USUAL, clients);
    const [largeToken] = await backend.tokensFor(LARGE, 1);
    const sameForAll = (url: string) =>
      Array.from({ length: clients }, () => ({ url }));
    return {
      all: [
        {
          name: 'direct',
          toolName: tool => tool,
          clients: sameForAll(urls[CALLED_SERVER]),
        },
        {
          name: 'mcp-proxy',
          toolName: tool => tool,
          clients: sameForAll(proxy.ready.url),
          use: proxy.use,
        },
        {
          name: 'portal',
          toolName: tool => `${CALLED_SERVER}_${tool}`,
          clients: tokens.map(token => ({
            url: backend.endpoint(USUAL),
            token,
          })),
          use: () => backend.probe.use(),
        },
      ],
      listings: [USUAL, LARGE].map(size => ({
        size,
        portal: {
          url: backend.endpoint(size),
          token: size === LARGE ? largeToken : tokens[0],
        },
        servers: size.servers.map(name => urls[name]),
      })),
      probe: backend.probe,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
