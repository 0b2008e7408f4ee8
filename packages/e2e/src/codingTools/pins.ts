/** A coding tool from npm that is tested against. */
export interface CodingTool {
  name: string;
  version: string;
  /**
   * The packages that carry its binary for this machine, and where in them; the
   * first that runs is taken. The tool's own package is a script that an
   * install script would have to set up, and brings all of them.
   */
  binaries: Array<{ package: string; path: string }>;
}

const OS =
  { linux: 'linux', darwin: 'darwin', win32: 'windows' }[
    process.platform as string
  ] ?? process.platform;
const EXTENSION = process.platform === 'win32' ? '.exe' : '';

/** https://opencode.ai: the package `opencode-ai`. */
export const OPEN_CODE: CodingTool = {
  name: 'OpenCode',
  version: '1.18.33',
  // Without suffix for processors with AVX2 and glibc.
  binaries: ['', '-baseline', '-musl', '-baseline-musl'].map(suffix => ({
    package: `opencode-${OS}-${process.arch}${suffix}`,
    path: `bin/opencode${EXTENSION}`,
  })),
};
