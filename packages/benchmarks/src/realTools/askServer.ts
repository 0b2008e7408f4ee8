import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { RecordedTool } from './RecordedServer';
import type { ServerPackage } from './servers';

const MAX_PAGES = 20;

/**
 * Starts a server without a network, and lists its tools.
 *
 * @param folder - where its package is installed, and all that it may take for its home
 * @param bin - path of its command in that folder
 */
export async function askServer(
  { args = [], env = {} }: ServerPackage,
  folder: string,
  bin: string,
): Promise<RecordedTool[]> {
  const transport = new StdioClientTransport({
    // A server that would ask somebody else for its tools has none to record.
    command: 'unshare',
    args: [
      '--user',
      '--map-current-user',
      '--net',
      '--',
      process.execPath,
      join(folder, bin),
      ...args,
    ],
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', HOME: folder, ...env },
    stderr: 'ignore',
  });
  const client = new Client({ name: 'recorder', version: '1.0.0' });
  try {
    await client.connect(transport);
    const tools: RecordedTool[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const answer = await client.listTools(cursor ? { cursor } : undefined);
      tools.push(...(answer.tools as RecordedTool[]));
      cursor = answer.nextCursor;
      if (!cursor) {
        return tools;
      }
    }
    throw new Error(`It has more than ${MAX_PAGES} pages of tools`);
  } finally {
    await client.close();
  }
}
