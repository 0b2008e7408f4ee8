import { pinOf } from './pins';
import { pinSnapshot, REFUSED_PIN, ServerSnapshot } from './ServerSnapshot';

const tool = (name: unknown, rest: object = {}) => ({ name, ...rest });

function snapshot(parts: Partial<ServerSnapshot>): ServerSnapshot {
  return { tools: [], prompts: [], resourceTemplates: [], ...parts };
}

describe('a snapshot of a server', () => {
  it('is pinned definition by definition, each kind by itself', async () => {
    const pinned = await pinSnapshot(
      snapshot({
        tools: [tool('a', { description: 'x' })],
        prompts: [{ name: 'a' }],
        resourceTemplates: [{ uriTemplate: 'file:///{+path}', name: 'a' }],
      }),
    );
    expect(pinned.map(({ kind, key, pin }) => [kind, key, pin])).toEqual([
      ['tool', 'a', pinOf({ name: 'a', description: 'x' })],
      ['prompt', 'a', pinOf({ name: 'a' })],
      [
        'resource-template',
        'file:///{+path}',
        pinOf({ uriTemplate: 'file:///{+path}', name: 'a' }),
      ],
    ]);
  });

  it('keeps nothing but the name of what cannot be pinned, and says why', async () => {
    const deep = JSON.parse(`${'{"a":'.repeat(50)}{}${'}'.repeat(50)}`);
    const pinned = await pinSnapshot(
      snapshot({
        tools: [
          tool('good'),
          tool('large', { description: 'x'.repeat(70_000) }),
          tool('deep', { inputSchema: deep }),
          tool('broken', { description: '\udc00' }),
          tool('headers', {
            inputSchema: { properties: { a: { 'x-mcp-header': 'A B' } } },
          }),
        ],
      }),
    );
    expect(pinned[0].refusal).toBeUndefined();
    expect(pinned.slice(1)).toEqual([
      {
        kind: 'tool',
        key: 'large',
        pin: REFUSED_PIN,
        definition: { name: 'large' },
        refusal: expect.stringContaining('bytes'),
      },
      expect.objectContaining({
        definition: { name: 'deep' },
        refusal: expect.stringContaining('levels'),
      }),
      expect.objectContaining({
        definition: { name: 'broken' },
        refusal: expect.stringContaining('surrogate'),
      }),
      expect.objectContaining({
        pin: REFUSED_PIN,
        definition: { name: 'headers' },
        refusal: expect.stringContaining('x-mcp-header'),
      }),
    ]);
  });

  it.each<[string, Partial<ServerSnapshot>]>([
    ['two of the kind tool', { tools: [tool('a'), tool('b'), tool('a')] }],
    ['has no name', { tools: [tool('a'), tool(undefined)] }],
    ['has no name', { tools: [tool('')] }],
    ['has no name', { prompts: [tool(7)] }],
    ['has no name', { tools: [null as unknown as object] }],
    ['has no uriTemplate', { resourceTemplates: [{ name: 'a' }] }],
    ['cannot be used', { tools: [tool('a\u0000b')] }],
    ['cannot be used', { tools: [tool('\ud800')] }],
    ['cannot be used', { tools: [tool('a'.repeat(1_001))] }],
    [
      '10001 tools',
      { tools: Array.from({ length: 10_001 }, (_item, n) => tool(`t${n}`)) },
    ],
    [
      'more than 16777216 bytes',
      {
        tools: Array.from({ length: 300 }, (_item, n) =>
          tool(`t${n}`, { description: 'x'.repeat(60_000) }),
        ),
      },
    ],
  ])('is refused as a whole: %s', async (message, parts) => {
    await expect(pinSnapshot(snapshot(parts))).rejects.toThrow(message);
  });
});
