import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../commandLine';
import { installPackages } from '../packages/installPackages';
import { askServer } from './askServer';
import { readRecording, RECORDING } from './RecordedServer';
import type { RecordedServer } from './RecordedServer';
import { SERVERS } from './servers';
import type { ServerPackage } from './servers';

const USAGE = `Usage: yarn record:tools

  Installs the MCP servers of src/realTools/servers.ts that are not in
  data/real-tools.json yet, or there with another version, in temporary
  folders, asks them for their tools without a network, and writes that file.
`;

/** Licences under which the definitions may be passed on. */
const PERMISSIVE = new Set([
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
]);

async function record(server: ServerPackage): Promise<RecordedServer> {
  const { name, version } = server;
  const installed = await installPackages([`${server.package}@${version}`]);
  try {
    const path = join('node_modules', server.package);
    const folder = join(installed.folder, path);
    const { license, bin } = JSON.parse(
      readFileSync(join(folder, 'package.json'), 'utf8'),
    );
    if (!PERMISSIVE.has(license)) {
      throw new Error(`its licence is ${license}`);
    }
    const command: string =
      typeof bin === 'string' ? bin : Object.values<string>(bin)[0];
    const tools = await askServer(
      server,
      installed.folder,
      join(path, command),
    );
    return {
      name,
      package: server.package,
      version,
      licence: license,
      copyright: copyrightOf(folder),
      recordedOn: new Date().toISOString().slice(0, 10),
      tools,
    };
  } finally {
    await installed.remove();
  }
}

function copyrightOf(folder: string): string[] {
  const file = readdirSync(folder).find(name => /^licen[cs]e/i.test(name));
  const text = file ? readFileSync(join(folder, file), 'utf8') : '';
  return text
    .split('\n')
    .map(line => line.trim())
    .filter(line => /^Copyright (\(c\)|©|\d{4})/i.test(line));
}

/** One line for each tool, so that a new recording can be compared. */
function write(servers: RecordedServer[]) {
  const text = servers.map(({ tools, ...about }) => {
    const lines = tools.map(tool => JSON.stringify(tool)).join(',\n');
    return `${JSON.stringify(about).slice(0, -1)},"tools":[\n${lines}\n]}`;
  });
  writeFileSync(RECORDING, `[\n${text.join(',\n')}\n]\n`);
}

async function run(): Promise<void> {
  const recording = existsSync(RECORDING) ? readRecording() : [];
  const found: RecordedServer[] = [];
  for (const server of SERVERS) {
    const title = `${server.package}@${server.version}`;
    const known = recording.find(
      each =>
        each.name === server.name &&
        `${each.package}@${each.version}` === title,
    );
    try {
      found.push(known ?? (await record(server)));
      write(found);
      process.stderr.write(`${title}: ${found.at(-1)?.tools.length} tools\n`);
    } catch (error) {
      process.stderr.write(`${title}: ${(error as Error).message}\n`);
      process.exitCode = 1;
    }
  }
}

runCommand({
  usage: USAGE,
  readOptions: () => (process.argv.includes('--help') ? undefined : {}),
  run,
});
