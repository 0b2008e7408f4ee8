// Writes src/schema/opencode-config.schema.json: the JSON schema of OpenCode's configuration, as
// the program itself prints it. Without an argument, of the version that the file has now:
//
//   yarn workspace @prompt-corner/agent-config schema:refresh 1.18.33
//
// The end-to-end tests compare the file with the OpenCode that they run.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toConfigSchema } from './toConfigSchema.mjs';

const FILE = new URL(
  '../src/schema/opencode-config.schema.json',
  import.meta.url,
);
const OS = { win32: 'windows' }[process.platform] ?? process.platform;

const version =
  process.argv[2] ?? JSON.parse(readFileSync(FILE, 'utf8'))['x-version'];
const name = `opencode-${OS}-${process.arch}`;
const folder = mkdtempSync(join(tmpdir(), 'opencode-schema-'));
try {
  // The binary only: nothing of it runs at install.
  execFileSync(
    'npm',
    [
      ...['install', '--prefix', folder, '--no-save', '--ignore-scripts'],
      ...['--no-audit', '--no-fund', `${name}@${version}`],
    ],
    { stdio: 'inherit', shell: process.platform === 'win32' },
  );
  const binary = join(folder, 'node_modules', name, 'bin', 'opencode');
  const openApi = execFileSync(binary, ['generate'], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder },
    maxBuffer: 64 * 1024 * 1024,
  });
  const schema = toConfigSchema(JSON.parse(openApi), version);
  writeFileSync(FILE, `${JSON.stringify(schema, null, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
