import { once } from 'node:events';
import { createServer, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Child, startProcess } from '../../children/startProcess';
import { DELIVERIES, PACED_EVENTS, PACE_MS } from '../exchanges/Exchange';
import { jsonAnswer } from '../exchanges/answers';
import { LoadGenerator } from '../load/LoadGenerator';
import type { Target } from '../load/protocol';
import { Nginx, startNginx } from '../nginx/startNginx';
import type { Pipe } from '../pipe/process';
import type { Provider } from '../provider/process';

const JSON_SMALL = { delivery: 'json', body: 'small' } as const;

const targetAt = (url: string): Target => ({
  url: `${url}/v1/chat/completions`,
  headers: {},
  tokens: ['none'],
});

describe('ways to a model that need no installation', () => {
  let provider: Child<Provider>;
  let pipe: Child<Pipe>;
  let nginx: Nginx | undefined;
  let load: LoadGenerator;
  let targets: Target[];

  beforeAll(async () => {
    provider = await startProcess('src/modelProxy/provider/process.ts');
    const upstream = provider.ready.url;
    pipe = await startProcess('src/modelProxy/pipe/process.ts', { upstream });
    nginx = await startNginx(upstream);
    load = await LoadGenerator.start();
    targets = [upstream, pipe.ready.url, nginx?.url]
      .filter(url => url !== undefined)
      .map(targetAt);
  });

  afterAll(async () => {
    await load?.stop();
    await nginx?.stop();
    await pipe?.stop();
    await provider?.stop();
  });

  it.each(DELIVERIES)(
    'give the answers of the provider: %s, small and large requests',
    async delivery => {
      for (const body of ['small', 'large'] as const) {
        const timings = await load.takeTurns({
          targets,
          exchange: { delivery, body },
          requests: 2,
          inARow: 1,
        });
        expect(timings.map(each => each.length)).toEqual(targets.map(() => 2));
      }
    },
  );

  it('bring the first chunk of a slow stream long before its last', async () => {
    const timings = await load.takeTurns({
      targets,
      exchange: { delivery: 'paced', body: 'small' },
      requests: 1,
      inARow: 1,
    });
    for (const { firstMs, lastMs } of timings.flat()) {
      // Half, as timers may be late, but do not come early by much.
      expect(lastMs - firstMs).toBeGreaterThan(
        ((PACED_EVENTS - 1) * PACE_MS) / 2,
      );
    }
  });

  it('answer on many connections, none of which fails', async () => {
    for (const target of targets) {
      const opened = await load.open({
        target,
        exchange: JSON_SMALL,
        connections: 8,
      });
      const answer = await opened.run(0.2);
      expect(answer.failures).toEqual({});
      expect(answer.requestsPerSecond).toBeGreaterThan(0);
      expect(answer.requests).toBeGreaterThan(answer.requestsPerSecond * 0.2);
      expect(answer.lastMs.p50).toBeGreaterThanOrEqual(answer.firstMs.p50);
    }
  });

  describe('when a proxy is at fault', () => {
    let server: Server;
    let target: Target;
    let asked: number;
    let answer: (count: number) => { status: number; body: string | Buffer };

    beforeEach(async () => {
      asked = 0;
      server = createServer((request, response) => {
        request.resume().on('end', () => {
          asked++;
          const { status, body } = answer(asked);
          response.writeHead(status).end(body);
        });
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      target = targetAt(`http://127.0.0.1:${port}`);
    });

    afterEach(() => {
      server.close();
      server.closeAllConnections();
    });

    it('measures nothing with an answer that is not the provider’s', async () => {
      answer = () => ({ status: 200, body: '{"choices":[]}' });
      await expect(
        load.takeTurns({
          targets: [target],
          exchange: JSON_SMALL,
          requests: 1,
          inARow: 1,
        }),
      ).rejects.toThrow('another answer than the provider\'s: {"choices":[]}');
    });

    it('counts refusals and truncated answers under load by what was said', async () => {
      // To learn the answer, to open two connections, and to learn what is asked.
      const opening = 4;
      answer = count => {
        if (count <= opening) {
          return { status: 200, body: jsonAnswer() };
        }
        return count % 2
          ? { status: 429, body: 'later' }
          : { status: 200, body: 'half' };
      };
      const opened = await load.open({
        target,
        exchange: JSON_SMALL,
        connections: 2,
      });
      const { failures, requestsPerSecond, requests } = await opened.run(0.1);
      expect(requestsPerSecond).toBe(0);
      expect(Object.keys(failures).sort()).toEqual([
        `4 bytes instead of ${jsonAnswer().length}`,
        'status 429: later',
      ]);
      const [some, others] = Object.values(failures);
      expect(some + others).toBe(requests);
    });
  });
});
