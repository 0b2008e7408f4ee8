import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { choose, positive, runCommand } from './commandLine';
import { CONTENDERS, ContenderName } from './contenders';
import { measureCatalog } from './measureCatalog';
import { generateOrganisation } from './organisation';
import { QUESTIONS } from './questions';
import {
  createReport,
  describeMachine,
  renderMarkdown,
  renderText,
} from './report';
import { DatabaseAddress, parseDatabaseUrl, startStack } from './stack';

const USAGE = `Usage: yarn bench [options]

  --requests N         requests for each question and contender (200)
  --questions a,b      only these: ${QUESTIONS.map(({ id }) => id).join(', ')}
  --contenders a,b     only these: ${Object.keys(CONTENDERS).join(', ')}
  --scale N            size of the organisation; 1 is 16,117 entities (1)
  --permissions on|off whether the permission framework decides on each request (on)
  --postgres URL       the server, and the database if not prompt_corner_bench
                       (postgres://postgres@127.0.0.1:5432)
  --markdown           write Markdown instead of text
  --json FILE          write all numbers to a file too
`;

interface Options {
  requests: number;
  scale: number;
  questionIds: string[];
  contenders: ContenderName[];
  permissions: boolean;
  address: DatabaseAddress;
  markdown: boolean;
  json?: string;
}

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      requests: { type: 'string', default: '200' },
      questions: { type: 'string' },
      contenders: { type: 'string' },
      scale: { type: 'string', default: '1' },
      permissions: { type: 'string', default: 'on' },
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
    requests: positive('requests', values.requests),
    scale: positive('scale', values.scale),
    questionIds: choose(
      'questions',
      values.questions,
      QUESTIONS.map(({ id }) => id),
    ),
    contenders: choose(
      'contenders',
      values.contenders,
      Object.keys(CONTENDERS) as ContenderName[],
    ),
    permissions:
      choose('permissions', values.permissions, ['on', 'off'])[0] === 'on',
    address: parseDatabaseUrl(values.postgres),
    markdown: values.markdown,
    json: values.json,
  };
}

async function run(options: Options): Promise<void> {
  const { requests, scale, contenders, permissions } = options;
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const entities = generateOrganisation({ scale });
  const stack = await startStack({
    address: options.address,
    entities,
    scale,
    ownPlugins: contenders.includes('prompt-corner'),
    permissions,
    say,
  });
  try {
    const machine = describeMachine();
    const results = await measureCatalog({
      stack,
      entities,
      contenders,
      questions: QUESTIONS.filter(({ id }) => options.questionIds.includes(id)),
      requests,
      say,
    });
    const report = createReport({
      command: ['yarn bench', ...process.argv.slice(2)].join(' '),
      machine,
      dataset: stack.dataset,
      contenders,
      requests,
      permissions,
      results,
    });
    const render = options.markdown ? renderMarkdown : renderText;
    process.stdout.write(`${render(report)}\n`);
    if (options.json) {
      writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
    }
  } finally {
    await stack.stop();
  }
}

runCommand({ usage: USAGE, readOptions, run });
