/** A coding tool from npm that is tested against. */
export interface CodingTool {
  package: string;
  version: string;
  /**
   * Where the binary may be, relative to `node_modules`; the first that runs is taken. The
   * package's own command is usually a script that an install script would have to set up.
   */
  binaries: string[];
}

const OS =
  { linux: 'linux', darwin: 'darwin', win32: 'windows' }[
    process.platform as string
  ] ?? process.platform;
const EXTENSION = process.platform === 'win32' ? '.exe' : '';

/** https://opencode.ai */
export const OPEN_CODE: CodingTool = {
  package: 'opencode-ai',
  version: '1.18.33',
  // Without suffix for processors with AVX2 and glibc; npm leaves out what does not fit the machine.
  binaries: ['', '-baseline', '-musl', '-baseline-musl'].map(
    suffix =>
      `opencode-${OS}-${process.arch}${suffix}/bin/opencode${EXTENSION}`,
  ),
};
