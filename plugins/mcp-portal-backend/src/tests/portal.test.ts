import { startPortal, TestPortal } from '../__testUtils__/startPortal';
import { startToolServer, ToolServer } from '../__testUtils__/toolServer';

jest.setTimeout(60_000);

describe('a portal', () => {
  let tracker: ToolServer;
  let portal: TestPortal;

  beforeAll(async () => {
    tracker = await startToolServer([
      {
        name: 'list_issues',
        description: 'Lists issues',
        annotations: { readOnlyHint: true },
        inputSchema: {
          type: 'object',
          properties: { project: { type: 'string' } },
          required: ['project'],
        },
      },
      { name: 'close_issue', description: 'Closes an issue' },
    ]);
    portal = await startPortal({ servers: { tracker: tracker.url } });
  });

  afterAll(async () => {
    await portal?.stop();
    await tracker?.stop();
  });

  it.each(['auto', 'legacy'] as const)(
    'lists and calls tools that only read (%s)',
    async era => {
      const client = await portal.connect({}, { era });
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toEqual([
        'portal_list_servers',
        'portal_switch_server',
        'tracker_list_issues',
      ]);
      const result = await client.callTool({
        name: 'tracker_list_issues',
        arguments: { project: 'web' },
      });
      expect(result.content).toEqual([
        { type: 'text', text: '["list_issues",{"project":"web"}]' },
      ]);
      await client.close();
    },
  );

  it('refuses arguments that do not fit, and tools that policy does not permit', async () => {
    const client = await portal.connect();
    const result = await client.callTool({
      name: 'tracker_list_issues',
      arguments: {},
    });
    expect(result.isError).toBe(true);
    expect(JSON.stringify(result.content)).toContain('project');
    await expect(
      client.callTool({ name: 'tracker_close_issue', arguments: {} }),
    ).rejects.toThrow('There is no tool');
    expect(tracker.calls.map(({ name }) => name)).not.toContain('close_issue');
    await client.close();
  });
});
