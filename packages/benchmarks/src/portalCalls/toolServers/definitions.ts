import { AREAS, TOPICS } from '../../organisation/words';
import { ANSWERS, CALLED_TOOLS } from './answers';

/** A tool, as its server lists it. */
export interface ToolDefinition {
  name: string;
  title: string;
  description: string;
  inputSchema: object;
  annotations: { readOnlyHint: boolean; destructiveHint: boolean };
}

type Changes = 'nothing' | 'writes' | 'destroys';

const VERBS: Record<Changes, string> = {
  nothing: 'find',
  writes: 'change',
  destroys: 'delete',
};

/**
 * The tools of one server: the two that are called, then others, of which one
 * in four changes something, and the last one destroys.
 *
 * @param server - its name
 * @param count - how many tools it has, at least 3
 */
export function defineTools(server: string, count: number): ToolDefinition[] {
  return [
    defineTool({
      name: CALLED_TOOLS.small,
      about: 'One issue with its newest comments',
      changes: 'nothing',
    }),
    defineTool({
      name: CALLED_TOOLS.large,
      about: 'A page of issues with their newest comments',
      changes: 'nothing',
    }),
    ...Array.from({ length: count - 2 }, (_, index) => {
      const topic = TOPICS[index % TOPICS.length];
      const area = AREAS[Math.floor(index / TOPICS.length) % AREAS.length];
      const changes = changesOf(index, count - 3);
      return defineTool({
        name: `${VERBS[changes]}_${area.name}_${topic.plural}_${index}`.replaceAll(
          '-',
          '_',
        ),
        about: `Works on ${topic.plural} of ${area.name} in ${server}. ${topic.purpose}`,
        changes,
      });
    }),
  ];
}

function changesOf(index: number, last: number): Changes {
  if (index === last) {
    return 'destroys';
  }
  return index % 4 === 3 ? 'writes' : 'nothing';
}

function defineTool(tool: {
  name: string;
  about: string;
  changes: Changes;
}): ToolDefinition {
  return {
    name: tool.name,
    title: tool.name.replaceAll('_', ' '),
    description: `${tool.about}. Give the number that the list shows; times are in UTC, and a page has at most 100 items.`,
    inputSchema: {
      type: 'object',
      properties: {
        number: {
          type: 'integer',
          minimum: 0,
          maximum: ANSWERS,
          description: 'Number of the issue, or of the first one of a page',
        },
        project: {
          type: 'string',
          description: 'Name of the project; without it, all that you can see',
        },
        state: {
          type: 'string',
          enum: ['open', 'in progress', 'closed'],
          description: 'Only those in this state',
        },
        labels: {
          type: 'array',
          items: { type: 'string' },
          description: 'Only those that have all of these labels',
        },
        verbose: { type: 'boolean', description: 'Whether to add history' },
      },
      required: ['number'],
      additionalProperties: false,
    },
    annotations: {
      readOnlyHint: tool.changes === 'nothing',
      destructiveHint: tool.changes === 'destroys',
    },
  };
}
