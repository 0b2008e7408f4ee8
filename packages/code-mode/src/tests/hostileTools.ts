import type { CallTool, ToolDefinition } from '../index';

const cycle: Record<string, unknown> = { type: 'object' };
cycle.properties = { self: cycle };

/** Tools for hostile snippets; some have definitions and results that mean harm themselves. */
export const hostileTools: ToolDefinition[] = [
  { name: 'safe_echo', server: 'safe', description: 'Returns its arguments.' },
  { name: 'safe_fail', server: 'safe', description: 'Fails.' },
  { name: 'safe_never', server: 'safe', description: 'Never answers.' },
  { name: 'safe_hostile', server: 'safe', description: 'Answers with harm.' },
  {
    name: 'hostile_schema',
    server: '__proto__',
    description: `constructor */ ${'hostile '.repeat(2000)}`,
    inputSchema: {
      $ref: '#/$defs/a',
      $defs: {
        a: { anyOf: [{ $ref: '#/$defs/b' }, { $ref: '#/$defs/b' }] },
        b: { anyOf: [{ $ref: '#/$defs/a' }, { $ref: '#/$defs/a' }] },
      },
    },
  },
  { name: 'hostile_cycle', server: 'x', description: 'y', inputSchema: cycle },
];

function nested(depth: number): unknown {
  let value: unknown = 0;
  for (let level = 0; level < depth; level += 1) {
    value = [value];
  }
  return value;
}

const harm: Record<string, () => unknown> = {
  proto: () => JSON.parse('{"__proto__":{"polluted":true}}'),
  deep: () => nested(2000),
  huge: () => 'x'.repeat(9_000_000),
  big: () => 'x'.repeat(4_000_000),
  circular: () => cycle,
  thenable: () => ({ then: 'text' }),
  error: () => {
    throw new Error('e'.repeat(1_000_000));
  },
};

export const callHostileTool: CallTool = async (name, args, { signal }) => {
  switch (name) {
    case 'safe_echo':
      return args;
    case 'safe_hostile':
      return harm[String(args.kind)]();
    case 'safe_never':
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    default:
      throw new RangeError('it never works');
  }
};
