import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { measureInTurns, Meter, percentile, Turn } from '.';

const BODY = 'pricing '.repeat(1_000);

describe('measuring', () => {
  const server = createServer((_, response) => {
    response.setHeader('content-encoding', 'gzip');
    response.end(gzipSync(BODY));
  });
  let url: string;

  beforeAll(async () => {
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve);
    });
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  it('takes percentiles by the nearest rank', () => {
    const values = [5, 1, 4, 2, 3];
    expect(percentile(values, 0.5)).toBe(3);
    expect(percentile(values, 0.99)).toBe(5);
    expect(percentile([7], 0.5)).toBe(7);
  });

  it('counts bodies as they are read and as they were transferred', async () => {
    const meter = new Meter();
    await meter.fetch(url);
    meter.reset();
    const response = await meter.fetch(url);
    expect(await response.text()).toBe(BODY);
    expect(meter.read()).toEqual({
      requests: 1,
      bodyBytes: BODY.length,
      wireBytes: gzipSync(BODY).length,
    });
  });

  it('lets contenders take turns, and tells what each took', async () => {
    const order: string[] = [];
    const turn = (contender: string, requests: number): Turn => {
      const meter = new Meter();
      return {
        contender,
        meter,
        run: async subject => {
          order.push(`${contender}${subject}`);
          for (let n = 0; n < requests; n++) {
            await (await meter.fetch(url)).text();
          }
          return () => 'four words of text';
        },
        cover: () => 0.5,
      };
    };
    const [one, two] = await measureInTurns({
      turns: [turn('a', 1), turn('b', 2)],
      subjects: 2,
      rounds: 3,
    });
    expect(order).toEqual(
      ['a0', 'b0', 'a1', 'b1'].concat('a0', 'b0', 'b1', 'a1', 'a0', 'b0'),
    );
    expect(one).toMatchObject({
      contender: 'a',
      calls: 1,
      bodyBytes: BODY.length,
      tokens: 4,
      coverage: 0.5,
    });
    expect(two).toMatchObject({ calls: 2, bodyBytes: 2 * BODY.length });
    expect(two.p50Ms).toBeGreaterThan(0);
    expect(two.p99Ms).toBeGreaterThanOrEqual(two.p50Ms);
  });
});
