import type { Engine } from '../engine/Engine';
import type { SandboxLimits, SandboxMessage } from '../protocol/messages';
import { Catalog } from '../tools/Catalog';
import { DEFAULT_NAMESPACE } from '../tools/names';
import { SnippetRun } from './SnippetRun';

const RUNS = 10;

// Loads what is compiled or read when it is used first: parser, type stripper, engine.
const SNIPPET = `async () => {
  const numbers: number[] = [3, 1, 2];
  const text = JSON.stringify({ sorted: numbers.sort(), at: new Date() });
  await codemode.search('warm');
  return text.replace(/[a-z]/g, c => c.toUpperCase());
}`;

const LIMITS: SandboxLimits = {
  cpuMs: 5000,
  memoryBytes: 32 * 1024 * 1024,
  calls: 1,
  callsInFlight: 1,
  argumentBytes: 1000,
  resultBytes: 1_000_000,
  outputCharacters: 10_000,
  logBytes: 1000,
  sleepTotalMs: 0,
};

/**
 * Runs a snippet some times: the first runs of a process are slow, until the
 * engine's WebAssembly is optimised.
 *
 * @throws Error if the engine does not run it right.
 */
export async function warmUp(engine: Engine) {
  const catalog = new Catalog(
    '[{"name":"warm","server":"none"}]',
    DEFAULT_NAMESPACE,
  );
  for (let run = 0; run < RUNS; run += 1) {
    const ended = await runOnce(engine, catalog, run);
    if (ended.kind === 'ended' && ended.error) {
      throw new Error(`The engine does not work: ${ended.error.message}`);
    }
  }
}

function runOnce(
  engine: Engine,
  catalog: Catalog,
  id: number,
): Promise<SandboxMessage> {
  return new Promise((resolve, reject) => {
    const request = {
      kind: 'execute' as const,
      id,
      catalog: '',
      limits: LIMITS,
      seed: [1, 2, 3, 4],
      dates: [],
      turns: [],
    };
    let ended: SandboxMessage;
    const run = new SnippetRun(
      request,
      SNIPPET,
      { catalog },
      {
        send: message => {
          ended = message;
        },
        schedule: turn => setImmediate(turn),
        onEnd: () => resolve(ended),
      },
    );
    run.start(options => engine.open(options)).catch(reject);
  });
}
