import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import {
  chatCompletion,
  sendJson,
  startProvider,
  TestProvider,
} from '../__testUtils__/startProvider';
import { migrate } from '../database/migrate';

jest.setTimeout(180_000);

const TOKEN = 'a-token-of-ada';

/** Requests of one user in a day. */
const LIMIT = 40;

const databases = TestDatabases.create({ ids: ['POSTGRES_15'] });

interface Replica {
  base: string;
  kill(): Promise<void>;
}

const running: Replica[] = [];
let provider: TestProvider;

beforeAll(async () => {
  provider = await startProvider((request, response) => {
    if (!request.json.stream) {
      sendJson(response, chatCompletion());
      return;
    }
    // Goes on for as long as somebody reads.
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const timer = setInterval(
      () => response.write('data: {"choices":[]}\n\n'),
      20,
    );
    response.on('close', () => clearInterval(timer));
  });
});

afterAll(async () => {
  await Promise.all(running.map(replica => replica.kill()));
  await provider.stop();
});

async function startReplica(database: Knex): Promise<Replica> {
  const child = spawn(
    process.execPath,
    [
      '--require',
      require.resolve('@backstage/cli/config/nodeTransform.cjs'),
      join(__dirname, '..', '__testUtils__', 'replica.ts'),
      JSON.stringify({
        connection: database.client.config.connection,
        token: TOKEN,
        config: {
          providers: {
            compat: { baseUrl: `${provider.url}/v1` },
          },
          budgets: [
            {
              name: 'user-day',
              unit: 'requests',
              limit: LIMIT,
              window: 'day',
              per: 'user',
            },
          ],
        },
      }),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const closed = once(child, 'close');
  const [base] = await Promise.race([
    once(child.stdout, 'data'),
    closed.then(() => {
      throw new Error('The replica did not start');
    }),
  ]);
  const replica = {
    base: String(base).trim(),
    async kill() {
      child.kill('SIGKILL');
      await closed;
    },
  };
  running.push(replica);
  return replica;
}

function ask({ base }: Replica, stream = false): Promise<Response> {
  return fetch(`${base}/compat/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({
      model: 'qwen3-coder',
      max_tokens: 10,
      stream,
      messages: [{ role: 'user', content: 'Hello' }],
    }),
  });
}

async function eventCount(database: Knex): Promise<number> {
  const [{ count }] = await database('usage_events').count({ count: '*' });
  return Number(count);
}

describe.each(databases.eachSupportedId())('a replica (%s)', databaseId => {
  it('that is killed in the middle of streams leaves accounts that hold', async () => {
    const database = await databases.init(databaseId);
    await migrate(database);
    const killed = await startReplica(database);
    const other = await startReplica(database);
    for (let count = 0; count < 5; count++) {
      expect((await ask(killed)).status).toBe(200);
      expect((await ask(other)).status).toBe(200);
    }
    while ((await eventCount(database)) < 10) {
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    const streams = await Promise.all(
      Array.from({ length: 3 }, () => ask(killed, true)),
    );
    const ends = streams.map(stream => stream.text().catch(() => 'cut'));
    await killed.kill();
    expect(await Promise.all(ends)).toEqual(['cut', 'cut', 'cut']);

    // The other one goes on until the budget ends, and never beyond it.
    let refused: Response | undefined;
    while (!refused) {
      const response = await ask(other);
      if (response.status !== 200) {
        refused = response;
      }
    }
    expect(refused.status).toBe(429);
    expect((await refused.json()).error.code).toBe('budget:user-day');
    expect(provider.requests.length).toBeLessThanOrEqual(LIMIT);
    // What the killed one had at hand is lost, and no more than that: an eighth of what was left.
    expect(provider.requests.length).toBeGreaterThan(LIMIT / 2);

    const answered = provider.requests.filter(({ json }) => !json.stream);
    while ((await eventCount(database)) < answered.length + 1) {
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    const rows = await database('usage_events').select('status', 'attempts');
    const counted = rows.filter(({ status }) => status === 200);
    expect(counted).toHaveLength(answered.length);
  });
});
