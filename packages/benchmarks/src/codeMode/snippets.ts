/** Code that every contender runs as it is. */
export interface Snippet {
  id: string;
  title: string;
  code: string;
}

export const TRIVIAL: Snippet = {
  id: 'trivial',
  title: 'trivial: return 1 + 1',
  code: 'async () => 1 + 1',
};

export const FILTER: Snippet = {
  id: 'filter',
  title: 'filter 182 tool definitions',
  code: `async () => {
  const tools = await codemode.tools();
  return tools
    .filter(tool => /issue|pull request/i.test(tool.name + ' ' + tool.description))
    .map(tool => ({ name: tool.name, takes: Object.keys(tool.inputSchema.properties ?? {}) }));
}`,
};

export const CALLS: Snippet = {
  id: 'calls',
  title: '5 calls in sequence, then 10 at once',
  code: `async () => {
  let total = 0;
  for (let step = 0; step < 5; step += 1) {
    total = (await codemode.bench_add({ a: total, b: step })).sum;
  }
  const sums = await Promise.all(
    Array.from({ length: 10 }, (_, index) => codemode.bench_add({ a: total, b: index })),
  );
  return sums.map(({ sum }) => sum);
}`,
};

export const BIG_RESULT: Snippet = {
  id: 'big-result',
  title: 'pick 20 rows of a tool result of 1.9 MB',
  code: `async () => {
  const rows = await codemode.bench_rows({});
  return rows
    .filter(row => row.tags.includes('service') && row.score > 500)
    .sort((a, b) => b.score - a.score || a.id - b.id)
    .slice(0, 20)
    .map(row => row.name);
}`,
};

export const LOOP: Snippet = {
  id: 'loop',
  title: 'loop of 10,000,000 steps',
  code: `async () => {
  let sum = 0;
  for (let step = 0; step < 1e7; step += 1) {
    sum = (sum + step) % 1000003;
  }
  return sum;
}`,
};

/** What models write most. */
export const LIGHT = [TRIVIAL, FILTER, CALLS];

/** What costs the engine itself much. */
export const HEAVY = [BIG_RESULT, LOOP];
