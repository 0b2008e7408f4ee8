/** A coding tool from npm that is tested against. */
export interface CodingTool {
  name: string;
  version: string;
  /**
   * The packages that carry its binary for this machine, and where in them; the
   * first that runs is taken. The tool's own package is a script that an
   * install script would have to set up, and brings all of them.
   */
  binaries: Array<{
    package: string;
    /** Default: that of the tool. */
    version?: string;
    path: string;
  }>;
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

/** https://code.claude.com: the package `@anthropic-ai/claude-code`. */
export const CLAUDE_CODE: CodingTool = {
  name: 'Claude Code',
  version: '2.1.329',
  binaries: ['', '-musl'].map(suffix => ({
    package: `@anthropic-ai/claude-code-${process.platform}-${process.arch}${suffix}`,
    path: `claude${EXTENSION}`,
  })),
};

/** https://geminicli.com: the package `@google/gemini-cli`, which is a script for Node. */
export const GEMINI_CLI: CodingTool = {
  name: 'Gemini CLI',
  version: '0.61.0',
  binaries: [{ package: '@google/gemini-cli', path: 'bundle/gemini.js' }],
};

const CODEX_VERSION = '0.169.0';
const CODEX_TARGET = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-${
  {
    linux: 'unknown-linux-musl',
    darwin: 'apple-darwin',
    win32: 'pc-windows-msvc',
  }[process.platform as string] ?? process.platform
}`;

/** https://developers.openai.com/codex: the package `@openai/codex`, which has a version for each platform. */
export const CODEX: CodingTool = {
  name: 'Codex',
  version: CODEX_VERSION,
  binaries: [
    {
      package: '@openai/codex',
      version: `${CODEX_VERSION}-${process.platform}-${process.arch}`,
      path: `vendor/${CODEX_TARGET}/bin/codex${EXTENSION}`,
    },
  ],
};
