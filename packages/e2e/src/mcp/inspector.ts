import { dirname, join } from 'node:path';
import { runProgram } from '../processes';

const TIMEOUT_MS = 60_000;

const CLI = join(
  dirname(require.resolve('@modelcontextprotocol/inspector/package.json')),
  'clients/launcher/build/index.js',
);

/**
 * Sends one request with the command line of the MCP Inspector.
 *
 * @param args - such as `--method tools/list`
 * @returns the result that it prints
 * @throws Error with its output when it fails
 */
export async function inspect(
  endpoint: string,
  token: string,
  ...args: string[]
): Promise<any> {
  const { code, stdout, stderr } = await runProgram(
    process.execPath,
    [
      ...[CLI, '--cli', endpoint, '--transport', 'http'],
      ...['--header', `Authorization: Bearer ${token}`],
      ...args,
    ],
    { env: process.env, timeoutMs: TIMEOUT_MS },
  );
  if (code !== 0) {
    throw new Error(`MCP Inspector failed (${code}):\n${stdout}${stderr}`);
  }
  return JSON.parse(stdout);
}
