import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { choose, count, positive, runCommand } from '../commandLine';
import { describeMachine, MARKDOWN, Style, TEXT } from '../report';
import { DatabaseAddress, parseDatabaseUrl } from '../stack';
import { ContenderName, CONTENDER_NAMES } from './contenders/Contender';
import { Contenders, startContenders } from './contenders/startContenders';
import { bodyTitle, deliveryTitle } from './exchanges/Exchange';
import { LoadGenerator } from './load/LoadGenerator';
import { measureLatency } from './measure/measureLatency';
import { measureThroughput, warmUp } from './measure/measureThroughput';
import { profileProxy } from './profile/profileProxy';
import { renderProfile } from './profile/renderProfile';
import { createReport, ModelProxyReport, renderReport } from './report';

const DATABASE = 'prompt_corner_bench_proxy';

const USAGE = `Usage: yarn bench:proxy [options]

  --contenders A,B     of ${CONTENDER_NAMES.join(', ')}; all
  --rounds N           requests of one connection to each contender (600)
  --seconds N          for each load and each contender (3)
  --postgres URL       the server, without a database: ${DATABASE} is
                       replaced (postgres://postgres@127.0.0.1:5432)
  --profile            measure nothing else, and say where the proxy's time goes
  --markdown           write Markdown instead of text
  --json FILE          write all numbers to a file too

  Installs the gateway of Portkey in a temporary folder.
`;

interface Options {
  names: ContenderName[];
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
      contenders: { type: 'string' },
      rounds: { type: 'string', default: '600' },
      seconds: { type: 'string', default: '3' },
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
    names: values.profile
      ? ['prompt-corner']
      : choose('contenders', values.contenders, CONTENDER_NAMES),
    rounds: count('rounds', values.rounds),
    seconds: positive('seconds', values.seconds),
    address,
    profile: values.profile,
    style: values.markdown ? MARKDOWN : TEXT,
    json: values.json,
  };
}

const say = (line: string) => process.stderr.write(`${line}\n`);

async function measure(
  { all, skipped }: Contenders,
  load: LoadGenerator,
  { rounds, seconds }: Options,
): Promise<ModelProxyReport> {
  const machine = describeMachine();
  const memoryMib = () => all.map(({ use }) => use?.().memoryMib);
  const startMib = memoryMib();
  say('Warming up');
  await warmUp({ load, contenders: all });
  say('One connection');
  const latency = await measureLatency({ load, contenders: all, rounds });
  const throughput = await measureThroughput({
    load,
    contenders: all,
    seconds,
    say: ({ exchange, connections }) =>
      say(
        `${connections} connections: ${deliveryTitle(
          exchange,
        )}, requests of ${bodyTitle(exchange)}`,
      ),
  });
  const endMib = memoryMib();
  return createReport({
    command: ['yarn bench:proxy', ...process.argv.slice(2)].join(' '),
    machine,
    contenders: all.map(({ name, version }) => ({ name, version })),
    skipped,
    latency,
    throughput,
    memory: all.flatMap(({ name }, index) => {
      const [start, end] = [startMib[index], endMib[index]];
      return start === undefined || end === undefined
        ? []
        : [{ contender: name, startMib: start, endMib: end }];
    }),
  });
}

async function profile(
  { all, probe }: Contenders,
  load: LoadGenerator,
  { seconds, style }: Options,
): Promise<string> {
  say('Warming up');
  await warmUp({ load, contenders: all });
  say('Asking the proxy under a profiler');
  const file = resolvePackagePath(
    '@prompt-corner/benchmarks',
    '.data/model-proxy',
  );
  mkdirSync(dirname(file), { recursive: true });
  const profiles = await profileProxy({
    load,
    proxy: all[0],
    probe: probe!,
    file,
    seconds,
  });
  return renderProfile(profiles, style);
}

async function run(options: Options): Promise<void> {
  const { names, address, style, json } = options;
  const contenders = await startContenders({ names, address, say });
  try {
    const load = await LoadGenerator.start();
    try {
      if (options.profile) {
        const text = await profile(contenders, load, options);
        process.stdout.write(`${text}\n`);
        return;
      }
      const report = await measure(contenders, load, options);
      process.stdout.write(`${renderReport(report, style)}\n`);
      if (json) {
        writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
      }
    } finally {
      await load.stop();
    }
  } finally {
    await contenders.stop();
  }
}

runCommand({ usage: USAGE, readOptions, run });
