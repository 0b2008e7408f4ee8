import { once } from 'node:events';
import { AddressInfo } from 'node:net';
import { mockServices } from '@backstage/backend-test-utils';
import express from 'express';
import { AgentAuthBackend } from '../internal/AgentAuthBackend';
import { IntrospectionQueue } from './IntrospectionQueue';
import { TIMINGS } from './timings';

const closers: Array<() => void> = [];
afterEach(() => closers.splice(0).forEach(close => close()));

/** A queue in front of an agent-auth that knows no token, and does not answer when asked for some. */
async function start(options: {
  timeoutMs: number;
  hangs?: (hashes: string[]) => boolean;
  answerMs?: number;
}) {
  const { timeoutMs, hangs = () => false, answerMs = 0 } = options;
  /** Each request's hashes. */
  const requests: string[][] = [];
  let open = 0;
  let mostOpen = 0;
  const app = express();
  app.post('*', express.json(), (request, response) => {
    const { hashes } = request.body as { hashes: string[] };
    requests.push(hashes);
    mostOpen = Math.max(mostOpen, ++open);
    response.on('close', () => open--);
    if (!hangs(hashes)) {
      const items = hashes.map(() => null);
      setTimeout(() => response.json({ items, last: 1 }), answerMs);
    }
  });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;

  const backend = new AgentAuthBackend({
    auth: mockServices.auth({ pluginId: 'alpha' }),
    discovery: {
      getBaseUrl: async () => `http://127.0.0.1:${port}`,
      getExternalBaseUrl: async () => `http://127.0.0.1:${port}`,
    },
    timeoutMs,
  });
  const queue = new IntrospectionQueue({ timings: { ...TIMINGS, timeoutMs } });
  return {
    requests,
    mostOpen: () => mostOpen,
    /** Asks, and tells what came of it after how many milliseconds. */
    async ask(hash: string): Promise<{ outcome: string; ms: number }> {
      const startedAt = performance.now();
      const outcome = await queue.ask(hash, backend).then(
        ({ facts }) => (facts ? 'known' : 'unknown'),
        error => `${error.name}: ${error.message}`,
      );
      return { outcome, ms: performance.now() - startedAt };
    },
  };
}

const hashesOf = (count: number, name = 'hash') =>
  Array.from({ length: count }, (_, index) => `${name}-${index}`);

const wait = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

const NO_ANSWER =
  /^ServiceUnavailableError: The agent-auth plugin does not answer/;

it('lets nobody wait longer than one request may take, however many wait', async () => {
  const { ask, requests, mostOpen } = await start({
    timeoutMs: 1_000,
    hangs: () => true,
  });
  const early = hashesOf(2_000).map(ask);
  await wait(500);
  const late = hashesOf(200, 'late').map(ask);
  for (const { outcome, ms } of await Promise.all([...early, ...late])) {
    expect(outcome).toMatch(NO_ANSWER);
    expect(ms).toBeGreaterThan(900);
    expect(ms).toBeLessThan(1_450);
  }
  expect(mostOpen()).toBe(4);
  // What nobody waits for any more is not asked.
  expect(requests.flat()).not.toContain('hash-800');
});

it('answers others while one request hangs', async () => {
  const { ask, requests } = await start({
    timeoutMs: 3_000,
    hangs: hashes => hashes.includes('slow'),
  });
  const slow = ask('slow');
  await wait(100);
  expect(requests).toEqual([['slow']]);
  const answers = await Promise.all(hashesOf(50).map(ask));
  expect(new Set(answers.map(({ outcome }) => outcome))).toEqual(
    new Set(['unknown']),
  );
  expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(1_000);
  expect(requests.map(hashes => hashes.length)).toEqual([1, 50]);
  expect((await slow).outcome).toMatch(NO_ANSWER);
});

it('refuses at once what is too much, but no question that waits already', async () => {
  const { ask, requests } = await start({ timeoutMs: 5_000, answerMs: 50 });
  const answers = hashesOf(10_000).map(ask);
  const { outcome, ms } = await ask('one-too-many');
  expect(outcome).toBe(
    'ServiceUnavailableError: Too many unknown tokens at once. Try again shortly',
  );
  expect(ms).toBeLessThan(100);
  answers.push(ask('hash-1999'));
  for (const answer of await Promise.all(answers)) {
    expect(answer.outcome).toBe('unknown');
  }
  expect((await ask('one-too-many')).outcome).toBe('unknown');
  expect(requests.flat().sort()).toEqual(
    [...hashesOf(10_000), 'one-too-many'].sort(),
  );
});

it('asks together, in four requests at once at most', async () => {
  const { ask, requests, mostOpen } = await start({
    timeoutMs: 5_000,
    answerMs: 300,
  });
  await Promise.all(hashesOf(1_100).map(ask));
  expect(requests.map(hashes => hashes.length).sort()).toEqual([
    100, 200, 200, 200, 200, 200,
  ]);
  expect(mostOpen()).toBe(4);
});

it('collects while a request is under way', async () => {
  const { ask, requests } = await start({ timeoutMs: 5_000, answerMs: 200 });
  const answers = [ask('first')];
  await wait(100);
  for (const hash of hashesOf(10)) {
    answers.push(ask(hash));
    await new Promise(resolve => setImmediate(resolve));
  }
  await Promise.all(answers);
  expect(requests.flat().sort()).toEqual(['first', ...hashesOf(10)].sort());
  expect(requests.length).toBeLessThanOrEqual(3);
});
