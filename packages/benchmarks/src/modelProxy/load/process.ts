import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { runProcess } from '../../children/runProcess';
import { Load } from './Load';
import { OPEN_PATH, RunRequest, RUN_PATH, TURNS_PATH } from './protocol';
import { takeTurns } from './takeTurns';

/** Where loads are asked for, as an origin. */
export interface LoadProcess {
  url: string;
}

let load: Load | undefined;

const WORK: Record<string, (options: any) => Promise<unknown>> = {
  [TURNS_PATH]: takeTurns,
  [OPEN_PATH]: async options => {
    load = await Load.open(options);
    return {};
  },
  [RUN_PATH]: async ({ seconds }: RunRequest) => {
    try {
      return await load!.run(seconds);
    } finally {
      load!.close();
    }
  },
};

/** Runs the clients. This file is the entry point of a child process. */
async function run(): Promise<LoadProcess> {
  const server = createServer(async (request, response) => {
    try {
      const answer = await WORK[request.url!](await json(request));
      response.end(JSON.stringify(answer));
    } catch (error) {
      response.writeHead(500).end((error as Error).message);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

runProcess(run);
