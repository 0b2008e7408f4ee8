import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createCodeMode } from '@prompt-corner/code-mode';
import {
  codeModeExecuteTool,
  codeModeSearchTool,
} from '@prompt-corner/plugin-mcp-portal-common';
import { count, positive, runCommand } from '../commandLine';
import { installPackages } from '../packages/installPackages';
import { readRecording } from '../realTools/RecordedServer';
import { describeMachine, MARKDOWN, Style, TEXT } from '../report';
import type { CodeModeFound } from './CodeModeFound';
import { startOwn } from './contenders/startOwn';
import { createRows, takeTools } from './contenders/tools';
import {
  startWorkerd,
  WORKERD_PACKAGES,
} from './contenders/workerd/startWorkerd';
import { writeWorkerdConfig } from './contenders/workerd/workerdConfig';
import { measureLatency, measureTimes } from './measure/measureLatency';
import { measureStart } from './measure/measureStart';
import { LOADS, measureThroughput } from './measure/measureThroughput';
import { createReport, renderReport } from './report';
import { measureSearch } from './search/measureSearch';
import { QUESTIONS } from './search/questions';
import { askQuestions, scoreAnswers } from './search/scoreSearch';
import { searchedTools } from './search/searchedTools';
import { HEAVY, LIGHT } from './snippets';
import { measureTokens } from './tokens/measureTokens';

const SIZES = [52, 182, 500];
const MEASURED_SIZE = 182;
const STARTS = 5;
/** So many rounds of a light snippet for one of a heavy one. */
const HEAVY_SHARE = 12;

const USAGE = `Usage: yarn bench:code-mode [options]

  --seconds N     for each load and each contender (3)
  --rounds N      runs of each light snippet by each contender (240)
  --markdown      write Markdown instead of text
  --json FILE     write all numbers to a file too

  Installs workerd and @cloudflare/codemode in a temporary folder.
`;

interface Options {
  seconds: number;
  rounds: number;
  style: Style;
  json?: string;
}

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '240' },
      markdown: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    return undefined;
  }
  return {
    seconds: positive('seconds', values.seconds),
    rounds: count('rounds', values.rounds),
    style: values.markdown ? MARKDOWN : TEXT,
    json: values.json,
  };
}

const say = (line: string) => process.stderr.write(`${line}\n`);

type Contest = Omit<CodeModeFound, 'tokens' | 'search'>;

async function measureContest(
  folder: string,
  { rounds, seconds }: Options,
): Promise<Contest> {
  const tools = {
    definitions: takeTools(readRecording(), MEASURED_SIZE),
    rows: createRows(),
  };
  const config = writeWorkerdConfig(folder, tools);
  say('Starts');
  const starts = await measureStart({
    starters: [() => startOwn(tools), () => startWorkerd(folder, config)],
    times: STARTS,
  });
  const own = await startOwn(tools);
  const workerd = await startWorkerd(folder, config);
  const contenders = [own, workerd];
  try {
    await measureLatency({ contenders, snippet: LIGHT[0], rounds: 20 });
    const idleMemoryMib = contenders.map(({ name, use }) => ({
      contender: name,
      memoryMib: use().memoryMib,
    }));
    const latency = [];
    for (const snippet of [...LIGHT, ...HEAVY]) {
      say(`One at a time: ${snippet.title}`);
      const share = HEAVY.includes(snippet) ? HEAVY_SHARE : 1;
      const times = Math.ceil(rounds / share);
      latency.push(
        ...(await measureLatency({ contenders, snippet, rounds: times })),
      );
    }
    const roundTrip = await measureTimes(() => workerd.roundTrip(), rounds);
    say('Many at once');
    const throughput = await measureThroughput({
      contenders,
      loads: LOADS,
      seconds,
    });
    return {
      contenders: contenders.map(({ name, version }) => ({ name, version })),
      starts,
      latency,
      roundTrip,
      idleMemoryMib,
      throughput,
    };
  } finally {
    await Promise.all(contenders.map(each => each.stop()));
  }
}

async function measureReading(): Promise<
  Pick<CodeModeFound, 'tokens' | 'search'>
> {
  const servers = readRecording();
  const codeMode = createCodeMode({
    limits: { outputCharacters: 1_000_000 },
  });
  try {
    say('Tokens');
    const codeModeTools = [codeModeSearchTool, codeModeExecuteTool];
    const tokens = [];
    for (const size of SIZES) {
      const tools = takeTools(servers, size);
      tokens.push(await measureTokens({ codeMode, codeModeTools, tools }));
    }
    say('Search');
    const tools = searchedTools(servers);
    const answers = await askQuestions(codeMode, tools, QUESTIONS);
    const scoreOf = (isHeldOut: boolean) =>
      scoreAnswers(
        answers.filter(({ question }) => question.isHeldOut === isHeldOut),
      );
    return {
      tokens,
      search: {
        tools: tools.length,
        servers: new Set(tools.map(({ server }) => server)).size,
        known: scoreOf(false),
        heldOut: scoreOf(true),
        time: await measureSearch(
          codeMode,
          takeTools(servers, Math.max(...SIZES)),
          QUESTIONS,
        ),
      },
    };
  } finally {
    await codeMode.close();
  }
}

async function run(options: Options): Promise<void> {
  const { style, json } = options;
  const machine = describeMachine();
  say(`Installing ${WORKERD_PACKAGES.join(' ')}`);
  const installed = await installPackages(WORKERD_PACKAGES);
  try {
    const report = createReport({
      command: ['yarn bench:code-mode', ...process.argv.slice(2)].join(' '),
      machine,
      ...(await measureContest(installed.folder, options)),
      ...(await measureReading()),
    });
    process.stdout.write(`${renderReport(report, style)}\n`);
    if (json) {
      writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
    }
  } finally {
    await installed.remove();
  }
}

runCommand({ usage: USAGE, readOptions, run });
