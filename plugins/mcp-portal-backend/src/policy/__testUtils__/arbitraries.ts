import type { ToolClass } from '@prompt-corner/plugin-mcp-portal-common';
import fc from 'fast-check';
import type {
  PolicyCaller,
  PolicyQuestion,
  PolicyServer,
  PolicyTarget,
} from '../PolicyQuestion';

const OVERFLOW = '9007199254740991 * 9007199254740991';

const conditionsOnOthers = [
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
  'principal in Team::"group:default/a"',
  'principal is User in Team::"group:default/b"',
  '(principal is Service && principal has entityRef && principal.entityRef == "component:default/bot")',
  'context.portal == Portal::"main"',
  'context.scopes.contains("tools:write")',
  'context.client.id == "ide"',
  'context.client == { id: "ide", name: "IDE" }',
  'context.claims.amr.contains("mfa")',
  '(context.claims has authAgeSeconds && context.claims.authAgeSeconds < 60)',
  'context has network.address',
  '(context.network has address && context.network.address.isInRange(ip("10.0.0.0/8")))',
  'context.network.names.contains("office")',
  '(context.device.hasTag("managed") && context.device.getTag("managed") == "yes")',
  'context.time.hour < 12',
  'context.time.weekday <= 5',
  'context.time.now < datetime("2026-11-18")',
  'context.time.now >= datetime("2026-11-18T12:00:00Z")',
  'datetime("2026-11-18T12:00:00.000Z") < context.time.now',
  'context.time.now == datetime("2026-11-18T12:00:00Z")',
  'context.time.now != datetime("2026-11-18T11:59:59.999Z")',
  'context.time.now > datetime("2026-11-18T13:00:00+0100")',
  'context.time.now.toTime() < duration("12h")',
  'context.granted.contains(resource.class)',
  `${OVERFLOW} == 1`,
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

/** A condition, of parts and what can be around them. */
function condition(parts: string[]): fc.Arbitrary<string> {
  return fc.letrec<{ any: string }>(tie => ({
    any: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'condition' },
      fc.constantFrom(...parts),
      fc.tuple(tie('any'), tie('any')).map(([a, b]) => `(${a} && ${b})`),
      fc.tuple(tie('any'), tie('any')).map(([a, b]) => `(${a} || ${b})`),
      tie('any').map(a => `!(${a})`),
      fc
        .tuple(tie('any'), tie('any'), tie('any'))
        .map(([a, b, c]) => `(if ${a} then ${b} else ${c})`),
    ),
  })).any;
}

function policySet(parts: string[]): fc.Arbitrary<string> {
  const policy = fc.record({
    effect: fc.constantFrom('permit', 'permit', 'forbid'),
    isHeld: fc.boolean(),
    principal: fc.constantFrom(
      'principal',
      'principal in Team::"group:default/a"',
    ),
    resource: fc.constantFrom('resource', 'resource in Server::"github"'),
    when: condition(parts),
    unless: fc.option(condition(parts)),
  });
  return fc.array(policy, { minLength: 1, maxLength: 4 }).map(policies =>
    policies
      .map(({ effect, isHeld, principal, resource, when, unless }, index) => {
        const approval =
          isHeld && effect === 'permit' ? '@approval("group:default/x")' : '';
        return `@id("p${index}") ${approval}
${effect} (${principal}, action == Action::"call_tool", ${resource})
when { ${when} } ${unless ? `unless { ${unless} }` : ''};`;
      })
      .join('\n'),
  );
}

/** Sets of valid policies for tools, which read whatever can be read. */
export const policies = policySet([
  ...conditionsOnOthers,
  ...conditionsOnArguments,
]);

/** The same, without conditions on arguments. */
export const policiesWithoutArguments = policySet(conditionsOnOthers);

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
  kind: fc.constantFrom('user', 'service', 'anonymous'),
  uuid: fc.constantFrom('u1', 'u2'),
  entityRef: fc.option(fc.constant('component:default/bot'), {
    nil: undefined,
  }),
  teams: fc.subarray(['group:default/a', 'group:default/b', 'group:default/z']),
  client: fc.constantFrom({ id: 'ide', name: 'IDE' }, { id: 'p', name: 'P' }),
  scopes: fc
    .subarray<string>(['tools:read', 'tools:write'])
    .map(s => new Set(s)),
  claims: fc.record(
    {
      amr: fc.subarray(['mfa', 'pwd']),
      acr: fc.constant('high'),
      authTime: fc.constantFrom(1795000000, 1795003190.5),
    },
    { requiredKeys: [] },
  ),
  network: fc.record({
    address: fc.constantFrom(
      undefined,
      '10.1.2.3',
      '::ffff:10.1.2.3',
      'fe80::1%eth0',
      '203.0.113.7',
      'nonsense',
    ),
    names: fc.subarray(['office', 'vpn']),
    device: fc.constantFrom<Record<string, string>>(
      {},
      { managed: 'yes' },
      { managed: 'no' },
    ),
  }),
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
