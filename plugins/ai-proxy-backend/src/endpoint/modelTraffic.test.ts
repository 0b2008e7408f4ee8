import { once } from 'node:events';
import { createServer, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigReader } from '@backstage/config';
import express, { RequestHandler } from 'express';
import { modelTrafficFirst, takeModelTraffic } from './modelTraffic';

const config = new ConfigReader({});

let server: Server;
let release = () => {};

async function start(handler?: RequestHandler) {
  if (handler) {
    release = takeModelTraffic(config, handler);
  }
  const app = express();
  app.use(modelTrafficFirst(config));
  app.use((request, response) => {
    response.json({ next: request.url });
  });
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
}

afterEach(() => {
  release();
  server.close();
});

describe('modelTrafficFirst', () => {
  it('takes what is for the proxy, below its own path, and does not say on what it runs', async () => {
    const get = await start((request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ taken: request.url }));
    });
    for (let time = 0; time < 2; time++) {
      const response = await get('/api/ai-proxy/openai/v1/models?limit=1');
      expect(await response.json()).toEqual({
        taken: '/openai/v1/models?limit=1',
      });
      expect(response.headers.has('x-powered-by')).toBe(false);
    }
  });

  it('leaves the rest to others as it came, also when the proxy does not want it', async () => {
    const get = await start((_, __, next) => next());
    for (const path of ['/api/catalog/entities', '/api/ai-proxy/health']) {
      expect(await (await get(path)).json()).toEqual({ next: path });
    }
  });

  it('leaves everything to others while the proxy does not run', async () => {
    const get = await start();
    expect(await (await get('/api/ai-proxy/openai/v1/models')).json()).toEqual({
      next: '/api/ai-proxy/openai/v1/models',
    });
  });
});
