import diagnostics from 'node:diagnostics_channel';
import http, { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { TestDatabases } from '@backstage/backend-test-utils';
import {
  ALICE,
  fileForm,
  INPUT_PRICE,
  OUTPUT_PRICE,
  startStored,
  TestProxy,
} from '../stored/__testUtils__/startStored';
import {
  CONFIG,
  counted,
  entry,
  refusalOf,
  succeeded,
  untilCounted,
} from './__testUtils__/batchFixture';

const BATCHES = '/anthropic/v1/messages/batches';

describe('batches of Anthropic', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

  describe.each(databases.eachSupportedId())('%p', databaseId => {
    let proxy: TestProxy;
    let other: TestProxy;

    beforeAll(async () => {
      proxy = await startStored({
        database: await databases.init(databaseId),
        config: CONFIG,
      });
      other = await proxy.replica();
    });
    beforeEach(async () => {
      proxy.reset();
      other.reset();
      await proxy.database('model_batches').delete();
    });
    afterAll(async () => {
      await other.stop();
      await proxy.stop();
    });

    const create = (requests: object[], user: 'alice' | 'bob' = 'alice') =>
      proxy.as(user, 'POST', BATCHES, { requests });
    const sent = () =>
      JSON.parse(
        proxy.provider.askedFor('POST', '/v1/messages/batches')[0].body,
      );

    it('send each request as if it came by itself, and count what they may take', async () => {
      const response = await create([
        entry('a'),
        entry(
          'b',
          { metadata: { user_id: 'machine of alice' }, max_tokens: 200 },
          `key ghp_${'a1B2c3D4e5F6'.repeat(3)}`,
        ),
      ]);
      expect(response.status).toBe(200);
      const { requests } = sent();
      expect(requests.map((one: any) => one.custom_id)).toEqual(['a', 'b']);
      expect(requests[0].params).toEqual({
        ...entry('a').params,
        metadata: { user_id: ALICE },
      });
      expect(JSON.stringify(requests)).not.toContain('ghp_');
      expect(JSON.stringify(requests)).not.toContain('machine of alice');
      const [{ amount, settled }] = proxy.reservations;
      const inputTokens = amount.tokens - 300;
      expect(inputTokens).toBeGreaterThan(0);
      expect(amount.requests).toBe(2);
      // Half the price.
      const nanoUsd = (inputTokens * INPUT_PRICE + 300 * OUTPUT_PRICE) / 2;
      expect(amount.nanoUsd).toBeCloseTo(nanoUsd, -1);
      // It stays so for now.
      expect(settled).toBeUndefined();
    });

    it('set aside what the dearest of the models may take that a request names', async () => {
      await create([
        entry('a', { fallbacks: [{ model: 'claude-y', max_tokens: 900 }] }),
      ]);
      const [{ amount }] = proxy.reservations;
      const inputTokens = amount.tokens - 900;
      expect(inputTokens).toBeGreaterThan(0);
      expect(amount.nanoUsd).toBeCloseTo(
        (inputTokens * INPUT_PRICE + 900 * OUTPUT_PRICE) / 2,
        -1,
      );
    });

    it('are held back when a budget has not enough for all models in them', async () => {
      proxy.denied.add('budget of claude-y');
      const response = await create([
        entry('a'),
        entry('b', { model: 'claude-y' }),
      ]);
      expect(response.status).toBe(429);
      expect(proxy.provider.asked).toHaveLength(0);
      expect(proxy.reservations).toMatchObject([
        { model: 'claude-x', settled: { nanoUsd: 0, tokens: 0, requests: 0 } },
      ]);
    });

    it('are kept back whole for one request that may not be sent, which is named', async () => {
      proxy.denied.add('forbidden');
      const file = { type: 'file', file_id: 'file_x' };
      for (const [odd, expected] of [
        [entry('b', { model: 'forbidden' }), '400 Request "b": Policy'],
        [
          entry('b', {}, 'About Zeus'),
          '400 Request "b": The request was not sent: it has',
        ],
        [entry('b', { model: 7 }), '400 Request "b": The request names no'],
        [entry('b', { stream: true }), '400 Request "b": answers of a batch'],
        [entry('a'), '400 Request 2 has the "custom_id" of another'],
        [{ custom_id: 'b' }, '400 Request 2 has no object "params"'],
        [{ ...entry('b'), x: 1 }, '400 Request 2 has "x"'],
        ['b', '400 Request 2 is no JSON object'],
        [
          entry('b', {
            messages: [{ content: [{ type: 'document', source: file }] }],
          }),
          '404 No file with the id "file_x"',
        ],
      ] as Array<[object, string]>) {
        const response = await create([entry('a'), odd, entry('c')]);
        expect(await refusalOf(proxy, response)).toContain(expected);
      }
      await expect(
        create([]).then(one => refusalOf(proxy, one)),
      ).resolves.toContain('400 The batch has no requests');
    });

    it('are read in one way only', async () => {
      const twice = '{"custom_id":"a","params":{"model":"m"},"params":{}}';
      const inner = '{"custom_id":"a","params":{"model":"m","model":"n"}}';
      for (const body of [
        `{"requests":[${twice}]}`,
        `{"requests":[${inner}]}`,
        '{"requests":[],"requests":[]}',
        '{"x":1,"requests":[]}',
        '{"requests":[{]}',
        '{"requests":["',
        '{"requests":[{"custom_id":"a\\"}]}',
        '{"requests":[1,]}',
        '{}',
        '[]',
        '',
      ]) {
        const response = await proxy.as('alice', 'POST', BATCHES, body);
        await expect(refusalOf(proxy, response)).resolves.toMatch(/^400 /);
      }
    });

    it('may use files of their owner only', async () => {
      const path = '/anthropic/v1/files';
      const upload = await proxy.as('alice', 'POST', path, fileForm('Hi'));
      const { id } = await upload.json();
      const source = { type: 'file', file_id: id };
      const batch = [
        entry('a'),
        entry('b', {
          messages: [{ role: 'user', content: [{ type: 'document', source }] }],
        }),
      ];
      expect((await create(batch, 'bob')).status).toBe(404);
      expect((await create(batch, 'alice')).status).toBe(200);
    });

    it('are seen, and cancelled, by their owner only', async () => {
      const { id } = await (await create([entry('a')])).json();
      proxy.provider.end(id, [succeeded('a')]);
      for (const [method, below] of [
        ['GET', ''],
        ['GET', '/results'],
        ['POST', '/cancel'],
        ['DELETE', ''],
      ]) {
        const theirs = await other.as(
          'bob',
          method,
          `${BATCHES}/${id}${below}`,
        );
        expect(theirs.status).toBe(404);
      }
      const list = await other.as('bob', 'GET', BATCHES);
      await expect(list.json()).resolves.toMatchObject({ data: [] });
      const mine = await other.as('alice', 'GET', BATCHES);
      await expect(mine.json()).resolves.toMatchObject({
        data: [{ id, results_url: `${other.url}${BATCHES}/${id}/results` }],
      });
      const cancelled = await proxy.as(
        'alice',
        'POST',
        `${BATCHES}/${id}/cancel`,
      );
      expect(cancelled.status).toBe(200);
      expect(counted(proxy)).toEqual([]);
    });

    it('are counted when their results pass, once for whoever asks how often', async () => {
      const { id } = await (
        await create([entry('a'), entry('b'), entry('c'), entry('d')])
      ).json();
      const lines = [
        succeeded('a', 10, 5),
        succeeded('b', 20, 7),
        // As if to count twice, or not at all.
        succeeded('b', 1_000, 1_000),
        { custom_id: 'c', result: { type: 'errored', error: {} } },
        { custom_id: 'd', result: { type: 'expired' } },
      ];
      proxy.provider.end(id, lines);
      const batch = await (
        await proxy.as('alice', 'GET', `${BATCHES}/${id}`)
      ).json();
      expect(batch.results_url).toBe(`${proxy.url}${BATCHES}/${id}/results`);
      const download = async (replica: TestProxy) =>
        (
          await fetch(`${replica.url}${BATCHES}/${id}/results`, {
            headers: { authorization: 'Bearer alice' },
          })
        ).text();
      const [text] = await Promise.all([download(proxy), download(other)]);
      expect(text).toBe(lines.map(one => `${JSON.stringify(one)}\n`).join(''));
      await untilCounted(proxy, 1);
      await download(proxy);
      await download(other);

      const events = counted(proxy, other);
      const byId = new Map(events.map(event => [event.id, event]));
      expect([...byId.values()]).toMatchObject([
        {
          principal: ALICE,
          operation: 'anthropic-messages',
          model: 'claude-x',
          provider: 'anthropic',
          serviceTier: 'batch',
          outcome: 'ok',
          usageSource: 'provider',
          tokens: { inputTokens: 10, outputTokens: 5 },
          costNanoUsd: (10 * INPUT_PRICE + 5 * OUTPUT_PRICE) / 2,
        },
        { tokens: { inputTokens: 20, outputTokens: 7 } },
        { outcome: 'rejected', usageSource: 'none', costNanoUsd: 0 },
      ]);
      // By the replica that has it, whichever counted.
      await proxy.stored.tasks.settleBatches();
      expect(proxy.reservations).toMatchObject([
        {
          settled: {
            nanoUsd: (30 * INPUT_PRICE + 12 * OUTPUT_PRICE) / 2,
            tokens: 42,
            requests: 3,
          },
        },
      ]);
    });

    it('count at the price of the dearest model what names none of their models', async () => {
      const { id } = await (
        await create([entry('a'), entry('b', { model: 'dear-latest' })])
      ).json();
      const dear = succeeded('b');
      dear.result.message.model = 'dear-20260101';
      proxy.provider.end(id, [succeeded('a'), dear]);
      await (await proxy.as('alice', 'GET', `${BATCHES}/${id}/results`)).text();
      await untilCounted(proxy, 1);
      expect(counted(proxy)).toMatchObject([
        { model: 'claude-x' },
        { model: 'dear-latest' },
      ]);
    });

    it.each([
      [
        'cut',
        (response: ServerResponse, line: string) => {
          response.writeHead(200, { 'content-length': 10_000 });
          response.write(line, () => response.destroy());
        },
      ],
      [
        'packed, and cut before that',
        (response: ServerResponse, line: string) => {
          response.writeHead(200, { 'content-encoding': 'gzip' });
          response.end(gzipSync(line).subarray(0, -8));
        },
      ],
    ])('are not counted by results that are %s', async (_, answer) => {
      const { id } = await (await create([entry('a'), entry('b')])).json();
      proxy.provider.end(id, []);
      proxy.provider.intercept = ({ url }, response) => {
        if (!url?.endsWith('/results')) {
          return false;
        }
        answer(response, `${JSON.stringify(succeeded('a'))}\n`);
        return true;
      };
      const results = `${BATCHES}/${id}/results`;
      const read = async () => (await proxy.as('alice', 'GET', results)).text();
      // Some clients do not mind.
      await read().catch(() => {});
      await wait(100);
      expect(counted(proxy)).toEqual([]);
      proxy.provider.intercept = undefined;
      proxy.provider.end(id, [succeeded('a'), succeeded('b')]);
      await read();
      await untilCounted(proxy, 1);
      expect(counted(proxy)).toHaveLength(2);
    });

    it('are not counted by results of which their client has not read the end', async () => {
      const { id } = await (await create([entry('a')])).json();
      proxy.provider.end(id, []);
      let toClient: ServerResponse | undefined;
      let sending: Promise<void> | undefined;
      const onRequest = (message: unknown) => {
        const { request, response } = message as {
          request: http.IncomingMessage;
          response: ServerResponse;
        };
        if (request.headers.host === new URL(proxy.url).host) {
          toClient = response;
        }
      };
      proxy.provider.intercept = ({ url }, response) => {
        if (!url?.endsWith('/results')) {
          return false;
        }
        const blanks = Buffer.alloc(16 * 1024, '\n');
        const send = async () => {
          let waitedMs = 0;
          while (waitedMs < 300 && !response.destroyed) {
            await wait(1);
            if (toClient?.writableNeedDrain) {
              waitedMs += 1;
            } else {
              waitedMs = 0;
              response.write(blanks);
            }
          }
          // Small enough to be read ahead.
          response.end(`${JSON.stringify(succeeded('a'))}\n`);
        };
        sending = send();
        return true;
      };
      diagnostics.subscribe('http.server.request.start', onRequest);
      const client = http.get(`${proxy.url}${BATCHES}/${id}/results`, {
        headers: { authorization: 'Bearer alice' },
      });
      client.on('response', response => response.pause());
      client.on('error', () => {});
      while (!sending) {
        await wait(10);
      }
      await sending;
      diagnostics.unsubscribe('http.server.request.start', onRequest);
      // Until it has been read ahead, and then until it has been noticed.
      await wait(200);
      client.destroy();
      await wait(200);
      const [batch] = await proxy.database('model_batches').where({ id });
      expect(batch.counted_at_ms).toBeNull();
    });

    it('are counted by the proxy itself when nobody asks for their results', async () => {
      const { id } = await (await create([entry('a')])).json();
      const makeOlder = (hours: number) =>
        proxy
          .database('model_batches')
          .where({ id })
          .update({
            created_at_ms: Date.now() - hours * 3_600_000,
            check_at_ms: Date.now() - 1,
          });
      await expect(proxy.stored.tasks.collectBatches()).resolves.toBe(0);
      await makeOlder(25);
      // It runs on.
      await expect(proxy.stored.tasks.collectBatches()).resolves.toBe(0);
      proxy.provider.end(id, [succeeded('a')]);
      await makeOlder(26);
      await expect(other.stored.tasks.collectBatches()).resolves.toBe(1);
      await expect(proxy.stored.tasks.collectBatches()).resolves.toBe(0);
      expect(counted(other)).toMatchObject([
        { usageSource: 'provider', tokens: { inputTokens: 10 } },
      ]);
    });

    it('count as much as was estimated when their results cannot be had', async () => {
      const { id } = await (await create([entry('a')])).json();
      proxy.provider.objects.delete(id);
      await proxy
        .database('model_batches')
        .where({ id })
        .update({ created_at_ms: 0, check_at_ms: 0 });
      await expect(proxy.stored.tasks.collectBatches()).resolves.toBe(1);
      expect(counted(proxy)).toMatchObject([
        { usageSource: 'estimated', tokens: { outputTokens: 100 } },
      ]);
      const [{ amount, settled }] = proxy.reservations;
      expect(settled).toMatchObject(amount);
    });

    it('are counted before they are deleted', async () => {
      const { id } = await (await create([entry('a')])).json();
      proxy.provider.end(id, [succeeded('a')]);
      await proxy.as('alice', 'DELETE', `${BATCHES}/${id}`);
      expect(counted(proxy)).toMatchObject([{ tokens: { inputTokens: 10 } }]);
      expect(proxy.provider.objects.has(id)).toBe(false);
    });

    it('keep what was set aside when their replica ends', async () => {
      const replica = await proxy.replica();
      await replica.as('alice', 'POST', BATCHES, { requests: [entry('a')] });
      replica.stored.close();
      const [{ amount, settled }] = replica.reservations;
      expect(settled).toEqual(amount);
      await replica.stop();
    });

    it('take nothing of budgets when the provider does not take them', async () => {
      proxy.provider.intercept = (request, response) => {
        request.resume();
        request.on('end', () => response.writeHead(400).end('{}'));
        return true;
      };
      expect((await create([entry('a')])).status).toBe(400);
      expect(proxy.reservations[0].settled).toEqual({
        nanoUsd: 0,
        tokens: 0,
        requests: 0,
      });
    });

    it('are cancelled when it cannot be written down whose they are', async () => {
      await proxy.database.schema.renameTable('stored_objects', 'away');
      const response = await create([entry('a')]);
      await proxy.database.schema.renameTable('away', 'stored_objects');
      expect(response.status).toBe(500);
      expect(proxy.provider.asked.map(({ url }) => url)).toEqual([
        '/v1/messages/batches',
        expect.stringMatching(/^\/v1\/messages\/batches\/.*\/cancel$/),
      ]);
      // It may have begun.
      expect(proxy.reservations[0].settled).toMatchObject({ requests: 1 });
    });
  });
});
