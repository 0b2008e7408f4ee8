import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A server that Prism makes from a description. */
export interface PrismServer {
  url: string;
  stop(): Promise<void>;
}

/** Starts Prism, whose packages are in a folder, with the description in a file. */
export async function startPrism(
  folder: string,
  file: string,
): Promise<PrismServer> {
  const child = spawn(
    process.execPath,
    [join(__dirname, 'prism.cjs'), folder, file],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const exit = once(child, 'exit');
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', text => resolve(String(text).trim()));
    child.once('exit', code => reject(new Error(`Prism ended with ${code}`)));
  });
  return {
    url,
    async stop() {
      child.stdin.end();
      await exit;
    },
  };
}
