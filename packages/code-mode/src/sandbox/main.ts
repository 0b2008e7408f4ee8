/**
 * Entry of the sandbox process. Speaks frames over its standard input and
 * output; ends when the host goes away.
 *
 * Arguments: path of the engine's WebAssembly, most memory of a sandbox in bytes.
 */
import { writeSync } from 'node:fs';
import { setPriority } from 'node:os';
import { QuickJsEngine } from '../engine/QuickJsEngine';
import { encodeFrame, FrameReader } from '../protocol/frames';
import type { SandboxMessage } from '../protocol/messages';
import { SandboxProcess } from './SandboxProcess';
import { warmUp } from './warmUp';

const MAX_FRAME_BYTES = 64 * 1024 * 1024;

// Snippets wait for the host's own work, not the other way round.
const NICENESS = 5;

async function main() {
  const wasmPath = process.argv[2];
  const memoryBytes = Number(process.argv[3]);
  const send = (message: SandboxMessage, text?: string) => {
    process.stdout.write(encodeFrame(message, text));
  };
  const engine = await QuickJsEngine.load(wasmPath, memoryBytes);
  await warmUp(engine);
  const sandboxProcess = new SandboxProcess(engine, memoryBytes, send);
  const reader = new FrameReader(MAX_FRAME_BYTES, frame =>
    sandboxProcess.receive(frame),
  );
  process.stdin.on('data', chunk => reader.push(chunk as Buffer));
  process.stdin.on('end', () => process.exit(0));
  process.stdout.on('error', () => process.exit(0));
  setPriority(NICENESS);
  sandboxProcess.ready();
}

main().catch(error => {
  writeSync(2, `${error?.stack ?? error}\n`);
  process.exit(1);
});
