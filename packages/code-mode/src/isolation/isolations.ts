import { existsSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { ProgramFiles } from './programFiles';

/** How a sandbox process is kept from the rest of the machine, best first. */
export const ISOLATIONS = [
  'bwrap',
  'unshare-user',
  'unshare-root',
  'plain',
] as const;

/**
 * - `bwrap`: bubblewrap; own namespaces, and no file but those it runs.
 * - `unshare-user`: own namespaces, no network; Node.js's permission model keeps files away.
 * - `unshare-root`: the same, made by root, and without root's rights.
 * - `plain`: the permission model only. An escaped engine reaches the network.
 */
export type Isolation = (typeof ISOLATIONS)[number];

/** Seconds of CPU time after which the system kills a process whose host is gone. */
export const PROCESS_CPU_SECONDS = 600;

const NAMESPACES = [
  '--net',
  '--pid',
  '--ipc',
  '--uts',
  '--mount',
  '--fork',
  '--kill-child',
];

/**
 * The command line of a sandbox process.
 *
 * @returns undefined if this machine lacks the programs for it.
 */
export function sandboxCommand(
  isolation: Isolation,
  files: ProgramFiles,
  memoryBytes: number,
): string[] | undefined {
  const wrapper = wrapperOf(isolation, files);
  return (
    wrapper && [
      ...resourceLimits(),
      ...wrapper,
      ...nodeCommand(files, memoryBytes),
    ]
  );
}

function nodeCommand(files: ProgramFiles, memoryBytes: number): string[] {
  return [
    process.execPath,
    '--no-warnings',
    '--permission',
    ...files.readable.map(folder => `--allow-fs-read=${folder}`),
    '--max-old-space-size=256',
    // What an execution leaves behind lives in the old space: let some dozens gather, and collect
    // them at once, without helper threads that compete for the cores. Half the CPU time of a
    // trivial snippet, and less memory (2026-11-21).
    '--initial-old-space-size=64',
    '--single-threaded-gc',
    '--no-incremental-marking',
    '--disable-proto=throw',
    files.entry,
    files.wasm,
    String(memoryBytes),
  ];
}

/** Inherited by all that follows; programs of util-linux, left out where there are none. */
function resourceLimits(): string[] {
  const prlimit = findProgram('prlimit');
  const choom = findProgram('choom');
  return [
    ...(prlimit
      ? [
          prlimit,
          '--core=0',
          '--fsize=0',
          '--nofile=64',
          `--cpu=${PROCESS_CPU_SECONDS}`,
          '--',
        ]
      : []),
    // The first that the system ends when memory is short.
    ...(choom ? [choom, '-n', '1000', '--'] : []),
  ];
}

function wrapperOf(
  isolation: Isolation,
  files: ProgramFiles,
): string[] | undefined {
  switch (isolation) {
    case 'bwrap':
      return bwrap(files);
    case 'unshare-user':
      return unshareAsUser();
    case 'unshare-root':
      return unshareAsRoot();
    default:
      return [];
  }
}

function bwrap(files: ProgramFiles): string[] | undefined {
  const program = findProgram('bwrap');
  if (!program) {
    return undefined;
  }
  const folders = [
    '/usr',
    '/lib',
    '/lib64',
    realpathSync(process.execPath),
    process.execPath,
    ...files.readable,
  ];
  return [
    program,
    '--unshare-all',
    '--die-with-parent',
    '--clearenv',
    '--cap-drop',
    'ALL',
    ...[...new Set(folders)].flatMap(folder => [
      '--ro-bind-try',
      folder,
      folder,
    ]),
    '--chdir',
    '/',
    '--',
  ];
}

function unshareAsUser(): string[] | undefined {
  const program = findProgram('unshare');
  return program
    ? [program, '--user', '--map-current-user', ...NAMESPACES, '--']
    : undefined;
}

function unshareAsRoot(): string[] | undefined {
  const program = findProgram('unshare');
  const setpriv = findProgram('setpriv');
  if (!program || !setpriv || process.getuid?.() !== 0) {
    return undefined;
  }
  return [
    program,
    ...NAMESPACES,
    '--',
    setpriv,
    '--reuid=65534',
    '--regid=65534',
    '--clear-groups',
    '--inh-caps=-all',
    '--bounding-set=-all',
    '--no-new-privs',
    // Changing the user clears the signal that --kill-child asked for.
    '--pdeathsig=KILL',
    '--',
  ];
}

function findProgram(name: string): string | undefined {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/bin',
    '/bin',
    '/usr/sbin',
  ];
  return folders
    .filter(folder => folder.startsWith('/'))
    .map(folder => join(folder, name))
    .find(existsSync);
}
