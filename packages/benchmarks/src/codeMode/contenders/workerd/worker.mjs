// The main worker of the workerd contender. Its imports are modules that
// workerdConfig.ts names; definitions and rows are what snippets ask for.
import { DynamicWorkerExecutor } from './codemode.js';
import definitions from './definitions.json';
import rows from './rows.json';

const fns = {
  tools: async () => definitions,
  bench_add: async ({ a, b }) => ({ sum: a + b }),
  bench_rows: async () => rows,
};

let executor;

export default {
  async fetch(request, env) {
    const code = await request.text();
    if (code === '') {
      return Response.json({ result: null });
    }
    executor ??= new DynamicWorkerExecutor({ loader: env.LOADER });
    const { result, error } = await executor.execute(code, [
      { name: 'codemode', fns },
    ]);
    return Response.json({ result, error });
  },
};
