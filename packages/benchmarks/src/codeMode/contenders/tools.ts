import type { ToolDefinition } from '@prompt-corner/code-mode';
import type { RecordedServer } from '../../realTools/RecordedServer';

/** What snippets can see and call, the same for every contender. */
export interface BenchTools {
  /** Of real servers; only looked at. */
  definitions: ToolDefinition[];
  /** What `bench_rows` answers: about 1.9 MB as JSON. */
  rows: object[];
}

const ROWS = 13_900;

/** The tools that snippets call. */
export const CALLED: ToolDefinition[] = [
  { name: 'bench_add', server: 'bench', description: 'Adds two numbers.' },
  { name: 'bench_rows', server: 'bench', description: 'Lists many rows.' },
];

/**
 * The first tools of a recording, as a portal names them.
 *
 * @param count - how many; servers are taken in order, the last one in part
 */
export function takeTools(
  servers: RecordedServer[],
  count: number,
): ToolDefinition[] {
  const all = servers.flatMap(({ name: server, tools }) =>
    tools.map(tool => {
      const { description, inputSchema, outputSchema, annotations } = tool;
      const name = `${server}_${tool.name}`.replace(/[^\w$]/g, '_');
      return {
        name,
        server,
        description,
        inputSchema,
        outputSchema,
        annotations,
      };
    }),
  );
  if (all.length < count) {
    throw new Error(`Only ${all.length} tools are recorded, not ${count}`);
  }
  return all.slice(0, count);
}

/** Invented rows with numbers, texts and nested objects. */
export function createRows(): object[] {
  return Array.from({ length: ROWS }, (_, index) => ({
    id: index,
    name: `component-${index % 977}`,
    owner: { team: `team-${index % 53}`, kind: 'Group' },
    score: (index * 7_919) % 1_000,
    tags: [`tier-${index % 4}`, index % 3 ? 'service' : 'library'],
    note: 'kept short',
  }));
}
