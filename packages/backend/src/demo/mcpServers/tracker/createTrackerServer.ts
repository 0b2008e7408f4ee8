import { McpServer, type CallToolResult } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { answer, answered } from '../answers';
import type { Issue } from './Issue';
import type { Issues } from './Issues';

const id = z.string().max(20).describe('Id of the issue, such as LAN-3');
const service = z
  .string()
  .max(100)
  .describe('Name of a component, such as payments-api');
const state = z.enum(['open', 'closed']);
const limit = z
  .number()
  .int()
  .min(1)
  .max(100)
  .default(20)
  .describe('How many issues at most');

const summary = z.object({ id, title: z.string(), service, state });
const issue = summary.extend({
  description: z.string(),
  labels: z.array(z.string()),
  reporter: z.string().optional().describe('UUID'),
  createdAt: z.string(),
  comments: z.array(
    z.object({
      author: z.string().optional().describe('UUID'),
      at: z.string(),
      text: z.string(),
    }),
  ),
});
const issueList = z.object({
  issues: z.array(summary),
  total: z.number().describe('How many there are, shown or not'),
});

const READS = { readOnlyHint: true, openWorldHint: false };
const WRITES = {
  readOnlyHint: false,
  destructiveHint: false,
  openWorldHint: false,
};
const DESTROYS = {
  readOnlyHint: false,
  destructiveHint: true,
  openWorldHint: false,
};

/**
 * The issue tracker as MCP tools, for one caller.
 *
 * @param caller - UUID of who reports and comments
 */
export function createTrackerServer(issues: Issues, caller: string): McpServer {
  const server = new McpServer(
    { name: 'lantern-tracker', title: 'Issue tracker', version: '1.0.0' },
    { instructions: 'Issues about the services of Lantern.' },
  );

  server.registerTool(
    'list_issues',
    {
      title: 'List issues',
      description: 'Lists issues, newest first, of one service or of all.',
      inputSchema: z.object({
        service: service.optional(),
        state: state.optional(),
        limit,
      }),
      outputSchema: issueList,
      annotations: READS,
    },
    async ({ limit: most, ...filter }) => listed(issues.list(filter), most),
  );
  server.registerTool(
    'search_issues',
    {
      title: 'Search issues',
      description:
        'Finds issues by words of their titles, descriptions, comments and labels.',
      inputSchema: z.object({
        query: z.string().min(1).max(200).describe('Words; all have to occur'),
        limit,
      }),
      outputSchema: issueList,
      annotations: READS,
    },
    async ({ query, limit: most }) => listed(issues.search(query), most),
  );
  server.registerTool(
    'get_issue',
    {
      title: 'Get an issue',
      description: 'Reads an issue with its comments.',
      inputSchema: z.object({ id }),
      outputSchema: issue,
      annotations: READS,
    },
    async input => answered(() => answer({ ...issues.get(input.id) })),
  );
  server.registerTool(
    'create_issue',
    {
      title: 'Create an issue',
      description: 'Reports an issue about a service, in your name.',
      inputSchema: z.object({
        title: z.string().min(3).max(200),
        description: z.string().max(5_000).default(''),
        service,
        labels: z.array(z.string().max(50)).max(10).default([]),
      }),
      outputSchema: issue,
      annotations: WRITES,
    },
    async input =>
      answered(() =>
        answer({ ...issues.create({ ...input, reporter: caller }) }),
      ),
  );
  server.registerTool(
    'comment',
    {
      title: 'Comment on an issue',
      description: 'Adds a comment to an issue, in your name.',
      inputSchema: z.object({ id, text: z.string().min(1).max(5_000) }),
      outputSchema: issue,
      annotations: WRITES,
    },
    async ({ text, ...input }) =>
      answered(() =>
        answer({ ...issues.comment(input.id, { author: caller, text }) }),
      ),
  );
  server.registerTool(
    'delete_issue',
    {
      title: 'Delete an issue',
      description: 'Deletes an issue with its comments, for good.',
      inputSchema: z.object({ id }),
      outputSchema: z.object({ deleted: z.string() }),
      annotations: DESTROYS,
    },
    async input =>
      answered(() => {
        const { id: deleted } = issues.get(input.id);
        issues.delete(deleted);
        return answer({ deleted });
      }),
  );
  return server;
}

function listed(found: Issue[], most: number): CallToolResult {
  return answer({
    issues: found.slice(0, most).map(item => ({
      id: item.id,
      title: item.title,
      service: item.service,
      state: item.state,
    })),
    total: found.length,
  });
}
