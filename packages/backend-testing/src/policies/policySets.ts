import fc from 'fast-check';

/** An expression that fails when it is evaluated. */
export const OVERFLOW = '9007199254740991 * 9007199254740991';

/** Conditions on what every policy knows of a caller and the time, and one that fails. */
export const CONDITIONS_ON_CALLERS = [
  'principal in Team::"group:default/a"',
  'principal is User in Team::"group:default/b"',
  '(principal is Service && principal has entityRef && principal.entityRef == "component:default/bot")',
  'context.client.id == "ide"',
  'context.claims.amr.contains("mfa")',
  '(context.claims has authAgeSeconds && context.claims.authAgeSeconds < 60)',
  '(context.network has address && context.network.address.isInRange(ip("10.0.0.0/8")))',
  'context.network.names.contains("office")',
  '(context.device.hasTag("managed") && context.device.getTag("managed") == "yes")',
  'context.time.hour < 12',
  'context.time.now >= datetime("2026-11-18T12:00:00Z")',
  `${OVERFLOW} == 1`,
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

/**
 * Sets of up to four valid policies, `p0` and so on.
 *
 * @param options.action - of all of them
 * @param options.resources - what they may be about, as in the head of a policy
 * @param options.conditions - of which theirs are made
 * @param options.permitAnnotations - of which each permit has one. Default: none
 */
export function policySets(options: {
  action: string;
  resources: string[];
  conditions: string[];
  permitAnnotations?: string[];
}): fc.Arbitrary<string> {
  const { action, resources, conditions, permitAnnotations = [''] } = options;
  const policy = fc.record({
    effect: fc.constantFrom('permit', 'permit', 'forbid'),
    annotation: fc.constantFrom(...permitAnnotations),
    principal: fc.constantFrom(
      'principal',
      'principal in Team::"group:default/a"',
    ),
    resource: fc.constantFrom(...resources),
    when: condition(conditions),
    unless: fc.option(condition(conditions)),
  });
  return fc.array(policy, { minLength: 1, maxLength: 4 }).map(all =>
    all
      .map(
        ({ effect, annotation, principal, resource, when, unless }, index) =>
          `@id("p${index}") ${effect === 'permit' ? annotation : ''}
${effect} (${principal}, action == Action::"${action}", ${resource})
when { ${when} } ${unless ? `unless { ${unless} }` : ''};`,
      )
      .join('\n'),
  );
}
