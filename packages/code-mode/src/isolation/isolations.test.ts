import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { resolve } from 'node:path';
import { ISOLATIONS, sandboxCommand } from './isolations';
import type { Isolation } from './isolations';
import { findProgramFiles } from './programFiles';

const NOTHING = {
  passwd: false,
  write: false,
  spawn: false,
  environment: false,
  network: false,
};

describe('isolation', () => {
  let server: Server;
  beforeAll(async () => {
    server = createServer(socket => socket.end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => server.close());

  /** Runs the probe in place of the sandbox process. */
  async function probe(isolation: Isolation) {
    const { port } = server.address() as AddressInfo;
    const files = {
      ...findProgramFiles(),
      entry: resolve(__dirname, '../tests/isolationProbe.mjs'),
    };
    const command = sandboxCommand(isolation, files, port);
    if (!command) {
      return undefined;
    }
    const child = spawn(command[0], command.slice(1), { env: {}, cwd: '/' });
    let output = '';
    child.stdout.on('data', chunk => {
      output += chunk;
    });
    const [code] = await once(child, 'close');
    // A machine may have the program and not the right to use it.
    return code === 0 ? JSON.parse(output) : undefined;
  }

  it.each(ISOLATIONS)(
    'by %s leaves an escaped engine nothing but, in plain, the network',
    async isolation => {
      const works = await probe(isolation);
      const cannotRunHere = works === undefined && isolation !== 'plain';
      expect(cannotRunHere ? NOTHING : works).toEqual({
        ...NOTHING,
        network: isolation === 'plain',
      });
    },
  );

  it('works in some way better than plain on this machine', async () => {
    const found = await Promise.all(
      ISOLATIONS.filter(name => name !== 'plain').map(probe),
    );
    expect(found.some(works => works?.network === false)).toBe(true);
  });
});
