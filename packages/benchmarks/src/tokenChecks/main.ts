import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { count, runCommand } from '../commandLine';
import { describeMachine, MARKDOWN, TEXT } from '../report';
import { DatabaseAddress, parseDatabaseUrl } from '../stack';
import { measureTokenChecks } from './measureTokenChecks';
import { createReport, renderReport } from './report';
import { startReplica } from './startReplica';

const USAGE = `Usage: yarn bench:token-checks [options]

  --seconds N          of each phase but the first (30)
  --rate N             checks a second (1000)
  --users N            users in the catalog (3700)
  --grants N           connections, each with a token, of each user (5)
  --postgres URL       the server, and the database if not prompt_corner_bench_tokens;
                       what agent-auth has there is replaced
                       (postgres://postgres@127.0.0.1:5432)
  --markdown           write Markdown instead of text
  --json FILE          write all numbers to a file too
`;

interface Options {
  seconds: number;
  rate: number;
  users: number;
  grants: number;
  address: DatabaseAddress;
  markdown: boolean;
  json?: string;
}

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '30' },
      rate: { type: 'string', default: '1000' },
      users: { type: 'string', default: '3700' },
      grants: { type: 'string', default: '5' },
      postgres: {
        type: 'string',
        default: 'postgres://postgres@127.0.0.1:5432',
      },
      markdown: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    return undefined;
  }
  return {
    seconds: count('seconds', values.seconds),
    rate: count('rate', values.rate),
    users: count('users', values.users),
    grants: count('grants', values.grants),
    address: parseDatabaseUrl(values.postgres, 'prompt_corner_bench_tokens'),
    markdown: values.markdown,
    json: values.json,
  };
}

async function run(options: Options): Promise<void> {
  const { address, seconds, rate, users, grants } = options;
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const replica = await startReplica({ address, users, grants, say });
  try {
    const machine = describeMachine();
    const phases = await measureTokenChecks({ replica, rate, seconds, say });
    const report = createReport({
      command: ['yarn bench:token-checks', ...process.argv.slice(2)].join(' '),
      machine,
      dataset: replica.dataset,
      phases,
    });
    const style = options.markdown ? MARKDOWN : TEXT;
    process.stdout.write(`${renderReport(report, style)}\n`);
    if (options.json) {
      writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
    }
  } finally {
    await replica.stop();
  }
}

runCommand({ usage: USAGE, readOptions, run });
