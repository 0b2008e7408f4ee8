import {
  CALLER,
  CONDITIONS_ON_CALLERS,
  OVERFLOW,
  policySets,
} from '@prompt-corner/backend-testing/policies';
import type { ToolClass } from '@prompt-corner/plugin-mcp-portal-common';
import fc from 'fast-check';
import type {
  PolicyCaller,
  PolicyQuestion,
  PolicyServer,
  PolicyTarget,
} from '../PolicyQuestion';

const conditionsOnOthers = [
  ...CONDITIONS_ON_CALLERS,
  'resource.class == ToolClass::"read"',
  'resource.class != ToolClass::"destructive"',
  'resource.name like "get_*"',
  'resource.name == "set_a"',
  '["get_a", "set_b"].contains(resource.name)',
  'resource == Tool::"github/get_b"',
  'resource in Server::"github"',
  'resource in [Server::"jira", Server::"x"]',
  'resource in System::"system:default/a"',
  'resource.server in Domain::"domain:default/b"',
  'resource.server.name == resource.name',
  'resource.server.tags.contains("internal")',
  '(resource.server has owner && principal in resource.server.owner)',
  'context.portal == Portal::"main"',
  'context.scopes.contains("tools:write")',
  'context.client == { id: "ide", name: "IDE" }',
  'context has network.address',
  'context.time.weekday <= 5',
  'context.time.now < datetime("2026-11-18")',
  'datetime("2026-11-18T12:00:00.000Z") < context.time.now',
  'context.time.now == datetime("2026-11-18T12:00:00Z")',
  'context.time.now != datetime("2026-11-18T11:59:59.999Z")',
  'context.time.now > datetime("2026-11-18T13:00:00+0100")',
  'context.time.now.toTime() < duration("12h")',
  'context.granted.contains(resource.class)',
];

const conditionsOnArguments = [
  '(context.arguments.text.hasTag("p") && context.arguments.text.getTag("p") like "a*")',
  '(context.arguments.text.hasTag("o.q") && context.arguments.text.getTag("o.q") == "b")',
  '(context.arguments.numbers.hasTag("n") && context.arguments.numbers.getTag("n") > 3)',
  `(context.arguments.numbers.hasTag("n") && context.arguments.numbers.getTag("n") * ${OVERFLOW} > 3)`,
  '(context.arguments.flags.hasTag("f") && context.arguments.flags.getTag("f"))',
  '(context.arguments.lists.hasTag("l[]") && ["a", "b"].containsAll(context.arguments.lists.getTag("l[]")))',
  'context.arguments.paths.contains("p")',
  '["p", "n"].containsAll(context.arguments.paths)',
  'context.arguments.paths.isEmpty()',
  '(context.arguments.text.hasTag(context.client.id))',
];

function setsOf(conditions: string[]) {
  return policySets({
    action: 'call_tool',
    resources: ['resource', 'resource in Server::"github"'],
    permitAnnotations: ['', '@approval("group:default/x")'],
    conditions,
  });
}

/** Sets of valid policies for tools, which read whatever can be read. */
export const policies = setsOf([
  ...conditionsOnOthers,
  ...conditionsOnArguments,
]);

/** The same, without conditions on arguments. */
export const policiesWithoutArguments = setsOf(conditionsOnOthers);

const server: fc.Arbitrary<PolicyServer> = fc.record({
  name: fc.constantFrom('github', 'jira'),
  entityRef: fc.constant('api:default/x'),
  owner: fc.option(
    fc.constantFrom('group:default/a', 'group:default/z', 'user:default/ada'),
    { nil: undefined },
  ),
  system: fc.option(fc.constant('system:default/a'), { nil: undefined }),
  domain: fc.option(fc.constant('domain:default/b'), { nil: undefined }),
  tags: fc.subarray(['internal', 'code']),
});

const toolClass = fc.option(
  fc.constantFrom<ToolClass>('read', 'write', 'destructive'),
  { nil: undefined },
);

export const target: fc.Arbitrary<PolicyTarget> = fc.record({
  server,
  name: fc.constantFrom('get_a', 'get_b', 'set_a', 'set_b', 'github'),
  toolClass,
  granted: fc.subarray<ToolClass>(['read', 'write']),
});

export const caller: fc.Arbitrary<PolicyCaller> = fc.record({
  ...CALLER,
  kind: fc.constantFrom('user', 'service', 'anonymous'),
  entityRef: fc.option(fc.constant('component:default/bot'), {
    nil: undefined,
  }),
  scopes: fc
    .subarray<string>(['tools:read', 'tools:write'])
    .map(s => new Set(s)),
});

const argumentsOfCall = fc.oneof(
  fc.record(
    {
      p: fc.constantFrom('abc', 'xyz', 7, null),
      o: fc.constantFrom({ q: 'b' }, { q: 'c' }, {}, 'b'),
      n: fc.constantFrom(1, 5, 1.5, '5'),
      f: fc.constantFrom(true, false, 'true'),
      l: fc.constantFrom([], ['a'], ['a', 'z'], [{}], [['a']]),
    },
    { requiredKeys: [] },
  ),
  fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 5 }),
);

/** Calls of tools. */
export const question: fc.Arbitrary<PolicyQuestion> = fc.record({
  caller,
  portal: fc.constantFrom('main', 'other'),
  action: fc.constant('call_tool' as const),
  target,
  arguments: argumentsOfCall,
  now: fc.constantFrom(
    ...[
      '2026-11-15T23:30:00Z',
      '2026-11-18T11:00:00Z',
      '2026-11-18T11:59:59.999Z',
      '2026-11-18T12:00:00Z',
      '2026-11-18T12:00:00.001Z',
      '2026-11-18T12:30:00Z',
    ].map(at => new Date(at)),
  ),
});
