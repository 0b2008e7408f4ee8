import type { Profiler } from 'node:inspector';
import { attributeProfile } from './attributeProfile';

const ROOT = 'file:///somewhere/prompt-corner';

/** A profile of samples that took a millisecond each, every one given as its stack from the outside in. */
function profileOf(stacks: Array<Array<[name: string, url: string]>>) {
  const nodes: Profiler.ProfileNode[] = [];
  const add = (functionName: string, url: string) => {
    const id = nodes.length + 1;
    nodes.push({
      id,
      callFrame: {
        functionName,
        url,
        scriptId: '0',
        lineNumber: 0,
        columnNumber: 0,
      },
      children: [],
    });
    return nodes[id - 1];
  };
  const root = add('(root)', '');
  const samples = stacks.map(stack => {
    let parent = root;
    for (const [name, url] of stack) {
      const node = add(name, url);
      parent.children!.push(node.id);
      parent = node;
    }
    return parent.id;
  });
  return {
    nodes,
    startTime: 0,
    endTime: 0,
    samples,
    timeDeltas: samples.map(() => 1_000),
  };
}

const append = [
  'append',
  `${ROOT}/plugins/mcp-portal-backend/src/audit/AuditTrail.ts`,
] as [string, string];
const call = [
  'call',
  `${ROOT}/plugins/mcp-portal-backend/src/calls/PortalCalls.ts`,
] as [string, string];
const query = ['query', `${ROOT}/node_modules/pg/lib/client.js`] as [
  string,
  string,
];
const parse = [
  'parse',
  `${ROOT}/node_modules/pg/node_modules/@scope/parser/index.js`,
] as [string, string];
const probe = [
  'probe',
  `${ROOT}/packages/benchmarks/src/portalCalls/backend/probePlugin.ts`,
] as [string, string];

describe('attribution of a profile', () => {
  it('gives work of a library to the folder that asked for it', () => {
    const { byFolder, byPackage } = attributeProfile(
      profileOf([[call, append, query], [call, append], [call]]),
    );
    expect(byFolder).toEqual([
      { where: 'mcp-portal-backend/audit', ms: 2 },
      { where: 'mcp-portal-backend/calls', ms: 1 },
    ]);
    expect(byPackage).toContainEqual({ where: 'pg', ms: 1 });
  });

  it('gives work that nobody here waits for to the library', () => {
    const { byFolder } = attributeProfile(
      profileOf([[['onread', 'node:net'], parse, ['slice', 'node:buffer']]]),
    );
    expect(byFolder).toEqual([{ where: '@scope/parser', ms: 1 }]);
  });

  it('counts a function once, however often it is on the stack', () => {
    const { byFunction } = attributeProfile(
      profileOf([[call, append, append, query], [call]]),
    );
    expect(byFunction).toEqual([
      { where: 'call, mcp-portal-backend/calls/PortalCalls.ts', ms: 2 },
      { where: 'append, mcp-portal-backend/audit/AuditTrail.ts', ms: 1 },
    ]);
  });

  it('tells idle from busy, and leaves out what the benchmark does', () => {
    expect(
      attributeProfile(
        profileOf([
          [['(idle)', '']],
          [['(idle)', '']],
          [probe, ['post', 'node:inspector']],
          [['(garbage collector)', '']],
          [call, ['decide', 'wasm://wasm/1']],
          [call, ['writev', '']],
        ]),
      ),
    ).toMatchObject({
      idleMs: 2,
      busyMs: 3,
      byPackage: [
        { where: '(garbage collector)', ms: 1 },
        { where: '(WebAssembly)', ms: 1 },
        { where: '(native)', ms: 1 },
      ],
    });
  });
});
