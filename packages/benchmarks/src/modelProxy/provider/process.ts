import { once } from 'node:events';
import { createServer, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { runProcess } from '../../children/runProcess';
import { jsonAnswer, streamAnswer } from '../exchanges/answers';
import { readDelivery } from '../exchanges/createRequest';
import {
  BURST_EVENTS,
  Delivery,
  PACED_EVENTS,
  PACE_MS,
} from '../exchanges/Exchange';

/** Where the provider listens, as an origin. */
export interface Provider {
  url: string;
}

const JSON_ANSWER = jsonAnswer();
const BURST = streamAnswer(BURST_EVENTS);
const PACED = streamAnswer(PACED_EVENTS);

const STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  'x-request-id': 'req_benchmark',
};

const ANSWER: Record<Delivery, (response: ServerResponse) => void> = {
  json: response => {
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': JSON_ANSWER.length,
      'x-request-id': 'req_benchmark',
    });
    response.end(JSON_ANSWER);
  },
  burst: response => {
    response.writeHead(200, STREAM_HEADERS);
    BURST.forEach(event => response.write(event));
    response.end();
  },
  paced: response => {
    response.writeHead(200, STREAM_HEADERS);
    response.write(PACED[0]);
    let next = 1;
    const timer = setInterval(() => {
      response.write(PACED[next++]);
      if (next === PACED.length) {
        response.end();
      }
    }, PACE_MS);
    response.once('close', () => clearInterval(timer));
  },
};

/**
 * Runs a provider that knows its answers and looks at little else, so that it
 * limits nobody. This file is the entry point of a child process.
 */
async function run(): Promise<Provider> {
  const server = createServer((request, response) => {
    let beginning = Buffer.alloc(0);
    let delivery: Delivery | undefined;
    request.on('data', (chunk: Buffer) => {
      if (!delivery) {
        beginning = beginning.length
          ? Buffer.concat([beginning, chunk])
          : chunk;
        delivery = readDelivery(beginning);
      }
    });
    request.on('end', () => {
      if (delivery) {
        ANSWER[delivery](response);
      } else {
        response.writeHead(400).end(`no delivery in ${request.url}`);
      }
    });
  });
  // A connection that closes just as a proxy uses it again is no fault of the proxy.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

runProcess(run);
