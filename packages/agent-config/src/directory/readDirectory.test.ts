import {
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readDirectory } from './readDirectory';
import { formatProblem, SOURCE_LIMITS } from '../sources';

let folder: string;

function write(path: string, content: string | Buffer): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

async function read() {
  const { files, problems } = await readDirectory(join(folder, 'top'));
  return {
    paths: files.map(({ path }) => path),
    problems: problems.map(formatProblem),
  };
}

describe('Reading a directory', () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'agent-config-'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('takes markdown and YAML, but no README and nothing hidden', async () => {
    for (const path of [
      'agents/b.md',
      'agents/a.md',
      'settings.yaml',
      'README.md',
      'agents/readme.MD',
      '.git/x.md',
      'logo.png',
    ]) {
      write(`top/${path}`, 'x');
    }
    await expect(read()).resolves.toEqual({
      paths: ['agents/a.md', 'agents/b.md', 'settings.yaml'],
      problems: [],
    });
  });

  it('follows links to what is inside, as a volume of Kubernetes has them, and no others', async () => {
    write('top/..2026_11/settings.yaml', 'share: auto');
    symlinkSync('..2026_11', join(folder, 'top/..data'));
    symlinkSync('..data/settings.yaml', join(folder, 'top/settings.yaml'));
    symlinkSync(
      write('secret/key.md', 'secret'),
      join(folder, 'top/instructions.md'),
    );
    symlinkSync('../secret', join(folder, 'top/agents'));
    symlinkSync('nowhere', join(folder, 'top/commands'));
    symlinkSync('.', join(folder, 'top/teams'));
    const { paths, problems } = await read();
    expect(paths).toEqual(['settings.yaml']);
    expect(problems).toEqual([
      expect.stringContaining('agents:1: is a link to what is not'),
      expect.stringContaining('commands:1: is a link to what is not'),
      expect.stringContaining('instructions.md:1: is a link to what is not'),
      expect.stringContaining('teams:1: is deeper than'),
    ]);
  });

  it('has limits, and says which', async () => {
    write('top/large.md', 'x'.repeat(SOURCE_LIMITS.fileBytes + 1));
    write('top/binary.md', Buffer.from([0xff, 0xfe, 0x41]));
    write('top/a\nb.md', 'x');
    expect((await read()).problems).toEqual([
      expect.stringContaining('the path has to consist of'),
      expect.stringContaining('binary.md:1: is not UTF-8 text'),
      expect.stringContaining('large.md:1: has 262145 bytes, of at most'),
    ]);

    rmSync(join(folder, 'top'), { recursive: true });
    for (let index = 0; index <= SOURCE_LIMITS.files; index += 1) {
      write(`top/agents/a${index}.md`, 'x');
    }
    const { paths, problems } = await read();
    expect(paths).toHaveLength(SOURCE_LIMITS.files);
    expect(problems).toEqual([expect.stringContaining('more than 2000 files')]);
  });

  it('says when there is none', async () => {
    await expect(read()).rejects.toThrow(/top cannot be read \(ENOENT\)/);
  });
});
