import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { count, runCommand } from '../commandLine';
import { describeMachine, MARKDOWN, Style, TEXT } from '../report';
import { DatabaseAddress, parseDatabaseUrl } from '../stack';
import { startContenders } from './contenders/startContenders';
import { measureLatency } from './measure/measureLatency';
import { measureLists } from './measure/measureLists';
import { CLIENTS, measureThroughput } from './measure/measureThroughput';
import { profilePortal } from './profile/profilePortal';
import { renderProfile } from './profile/renderProfile';
import { createReport, renderReport } from './report';

const DATABASE = 'prompt_corner_bench_portal';

const USAGE = `Usage: yarn bench:portal [options]

  --rounds N           calls of one client of each contender (300)
  --seconds N          for each number of clients and each contender (5)
  --postgres URL       the server, without a database: ${DATABASE} is
                       replaced (postgres://postgres@127.0.0.1:5432)
  --profile            measure nothing else, and say where the portal's time goes
  --markdown           write Markdown instead of text
  --json FILE          write all numbers to a file too
`;

interface Options {
  rounds: number;
  seconds: number;
  address: DatabaseAddress;
  profile: boolean;
  style: Style;
  json?: string;
}

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '300' },
      seconds: { type: 'string', default: '5' },
      postgres: {
        type: 'string',
        default: 'postgres://postgres@127.0.0.1:5432',
      },
      profile: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    return undefined;
  }
  const address = parseDatabaseUrl(values.postgres, DATABASE);
  if (address.database !== DATABASE) {
    throw new Error(
      `--postgres must not name a database: this command replaces ${DATABASE}, and no other`,
    );
  }
  return {
    rounds: count('rounds', values.rounds),
    seconds: count('seconds', values.seconds),
    address,
    profile: values.profile,
    style: values.markdown ? MARKDOWN : TEXT,
    json: values.json,
  };
}

async function run(options: Options): Promise<void> {
  const { address, rounds, seconds, style } = options;
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const contenders = await startContenders({
    address,
    clients: Math.max(...CLIENTS),
    say,
  });
  try {
    const { all, listings, probe } = contenders;
    if (options.profile) {
      say('Calling the portal under a profiler');
      const file = resolvePackagePath(
        '@prompt-corner/benchmarks',
        '.data/portal-calls',
      );
      const profiles = await profilePortal({ contenders, file, seconds });
      process.stdout.write(`${renderProfile(profiles, style)}\n`);
      return;
    }
    const machine = describeMachine();
    const before = await probe.memory();
    say('One client');
    const latency = await measureLatency({ contenders: all, rounds });
    say('Many clients');
    const throughput = await measureThroughput({ contenders: all, seconds });
    say('Lists of tools');
    const lists = await measureLists(listings, Math.ceil(rounds / 10));
    const report = createReport({
      command: ['yarn bench:portal', ...process.argv.slice(2)].join(' '),
      machine,
      latency,
      throughput,
      lists,
      memory: { before, after: await probe.memory() },
    });
    process.stdout.write(`${renderReport(report, style)}\n`);
    if (options.json) {
      writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
    }
  } finally {
    await contenders.stop();
  }
}

runCommand({ usage: USAGE, readOptions, run });
