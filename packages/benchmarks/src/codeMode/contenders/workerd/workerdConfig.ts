import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import type { BenchTools } from '../tools';

const FILE = 'workerd.capnp';

/**
 * Writes what workerd has to know: one worker with a loader of workers, that
 * listens on a port of the loopback interface.
 *
 * @param folder - where `@cloudflare/codemode` and `acorn` are installed
 * @returns the path of the configuration
 */
export function writeWorkerdConfig(folder: string, tools: BenchTools): string {
  const put = (name: string, text: string) =>
    writeFileSync(join(folder, name), text);
  put('definitions.json', JSON.stringify(tools.definitions));
  put('rows.json', JSON.stringify(tools.rows));
  const worker = resolvePackagePath(
    '@prompt-corner/benchmarks',
    'src/codeMode/contenders/workerd/worker.mjs',
  );
  put('worker.js', readFileSync(worker, 'utf8'));
  const codemode = 'node_modules/@cloudflare/codemode/dist';
  const parts = readdirSync(join(folder, codemode)).filter(
    name => name.endsWith('.js') && name.includes('-'),
  );
  const modules = [
    module('worker.js', 'esModule', 'worker.js'),
    module('codemode.js', 'esModule', `${codemode}/index.js`),
    ...parts.map(name => module(name, 'esModule', `${codemode}/${name}`)),
    module('acorn', 'esModule', 'node_modules/acorn/dist/acorn.mjs'),
    module('definitions.json', 'json', 'definitions.json'),
    module('rows.json', 'json', 'rows.json'),
  ];
  put(
    FILE,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [ (name = "main", worker = .main) ],
  sockets = [ (name = "http", address = "127.0.0.1:0", http = (), service = "main") ],
);
const main :Workerd.Worker = (
  compatibilityDate = "2025-06-01",
  compatibilityFlags = [ "nodejs_compat" ],
  modules = [ ${modules.join(',\n    ')} ],
  bindings = [ (name = "LOADER", workerLoader = ()) ],
);
`,
  );
  return join(folder, FILE);
}

function module(name: string, kind: string, path: string): string {
  return `(name = "${name}", ${kind} = embed "${path}")`;
}
