// Inputs for the benchmark: made here, the same in each run.

/** About how long each input is, in UTF-16 units. */
export const INPUT_LENGTH = 100_000;

const ARTICLE =
  'The team moved the order service to the new cluster last week. Read the instructions in the handbook before you deploy, and tell the owner of the system when a check fails; see https://docs.example.com/guides/deploy?version=3#rollback for the details. Latency at the 99th percentile fell from 480 ms to 212 ms, and the error rate stayed below 0.02 %. ';

const CODE = `import { createServer } from 'node:http';
const password = process.env.DB_PASSWORD;
export async function handle(request, response) {
  const token = await readToken(request.headers.authorization); // see RFC 6750
  if (!token || token.expiresAt < Date.now()) { return response.writeHead(401).end(); }
  const rows = await db.query('select id, name from users where team = $1 limit 100', [token.team]);
  response.end(JSON.stringify({ rows, took: performance.now() - start }));
}
`;

const LOG =
  '2026-11-21T09:27:51.123Z INFO  [worker-7] request 5f2b8c1e-9d3a-4f6b-8e7c-0a1b2c3d4e5f GET /api/v1/items/48213 200 17 ms trace=4bf92f3577b34da6a3ce929d0e0e4736 bytes=182736\n';

const FOREIGN =
  'Команда перенесла сервис в новый кластер. 团队上周将订单服务迁移到新集群。Die Prüfung läuft über Nacht, und “alles” bleibt – naïvement – wie es war. ';

/** Texts and JSON as they travel, and some that an attacker would send. */
export function createInputs(): { name: string; value: unknown }[] {
  return [
    { name: 'English prose', value: fill(ARTICLE) },
    { name: 'source code', value: fill(CODE) },
    { name: 'log lines', value: fill(LOG) },
    { name: 'Russian, Chinese, German', value: fill(FOREIGN) },
    { name: 'mixed text', value: fill(ARTICLE + CODE + LOG + ARTICLE) },
    { name: 'JSON, many small values', value: records() },
    { name: 'JSON within a text', value: JSON.stringify(records()) },
    { name: 'base64 of an image', value: base64() },
    { name: 'adversarial: anchors only', value: fill('ignore all previous ') },
    {
      name: 'adversarial: half tokens',
      value: fill('eyJhbGciOi.sk-ant-api03-xoxb-12 '),
    },
    { name: 'adversarial: digits', value: fill('4111 1111 1111 1112 ') },
    { name: 'adversarial: e-mail addresses', value: fill('a@b.example, ') },
    { name: 'adversarial: escapes', value: fill('\\u0069\\u0067&#110;ore ') },
  ];
}

function fill(text: string): string {
  return text
    .repeat(Math.ceil(INPUT_LENGTH / text.length))
    .slice(0, INPUT_LENGTH);
}

/** As a listing of issues looks. */
function records(): unknown {
  return {
    items: Array.from({ length: 230 }, (_, index) => ({
      id: 1183044915 + index,
      node_id: `I_kwDOA${(index * 7919).toString(36)}`,
      url: `https://api.example.com/repos/org/app/issues/${index}`,
      title: `Fix the flaky check number ${index} of the order service`,
      state: index % 3 ? 'open' : 'closed',
      labels: [{ name: 'bug', color: 'd73a4a' }, { name: 'ci' }],
      created_at: '2026-11-21T09:27:51Z',
      body: ARTICLE.slice(0, 120 + (index % 60)),
    })),
  };
}

/** Bytes of a small generator, so that each run has the same. */
function base64(): string {
  let state = 1;
  const bytes = Array.from({ length: (INPUT_LENGTH * 3) / 4 }, () => {
    state = (state * 48271) % 2147483647;
    return state % 256;
  });
  return Buffer.from(bytes).toString('base64');
}
