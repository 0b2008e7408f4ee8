import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigReader } from '@backstage/config';
import { doorLanguage, question } from './__testUtils__/doors';
import { CurrentPolicies } from './CurrentPolicies';
import { checkDraft, explain, withPolicies } from './simulation';
import { readPolicyConfig } from './sources';

const logger = { info: jest.fn(), warn: jest.fn(), error: jest.fn() };

function policiesOf(policy: object, language = doorLanguage()) {
  return new CurrentPolicies({
    config: new ConfigReader({ doors: { policy } }),
    readConfig: config => readPolicyConfig(config, 'doors.policy'),
    language,
    logger,
  });
}

const STAFF = `@id("staff")
permit (principal in Team::"group:default/staff", action, resource)
when { resource.floor < 3 };

@id("no-crowds")
@description("At most two guests")
forbid (principal, action, resource) when { context.visit.guests > 2 };`;

it('decides by the policies of a configuration and those that come along', () => {
  const policies = policiesOf({ policies: STAFF });
  const first = question({ door: { name: 'lab', floor: 1 } });
  expect(policies.current.decide(first)).toEqual({
    effect: 'permit',
    policies: ['staff'],
    reason: 'Permitted by policy "staff"',
  });
  expect(policies.current.decide({ ...first, guests: 3 })).toMatchObject({
    effect: 'deny',
    policies: ['no-crowds'],
    reason: 'Forbidden by policy "no-crowds" (At most two guests)',
  });
  expect(
    policies.current.decide(question({ door: { name: 'roof', floor: 9 } })),
  ).toMatchObject({ reason: 'No policy permits the door "roof"' });
  expect(policies.current.decide({ ...first, guests: 100 })).toMatchObject({
    effect: 'deny',
    reason: 'Too many guests',
  });
  expect(policies.status()).toMatchObject({
    policies: 3,
    sources: ['default.cedar', 'doors.policy.policies'],
  });
  expect(policiesOf({ default: false }).current.policies).toEqual([]);
});

it('gives Cedar what policies read and nothing else', () => {
  const language = doorLanguage();
  const policies = policiesOf({ default: false, policies: STAFF }, language);
  policies.current.decide(question({ guests: 1 }));
  expect(JSON.parse(language.requests.pop()!)).toMatchObject({
    context: { visit: { guests: 1 } },
    entities: [
      {
        uid: { type: 'User' },
        attrs: {},
        parents: [{ type: 'Team', id: 'group:default/staff' }],
      },
      { uid: { type: 'Door' }, attrs: { floor: 0 }, parents: [] },
    ],
  });
});

it.each([
  ['context.visit.guests > 2', 3],
  ['2 < context.visit.guests || context.visit.guests == 7', 5],
  ['context.visit.guests > 2 && context.visit.guests * 1 > 2', 10],
])(
  'asks Cedar once for numbers between which %s makes no difference',
  (condition, answers) => {
    const language = doorLanguage();
    const { current } = policiesOf(
      {
        default: false,
        policies: `@id("a") permit (principal, action, resource) when { ${condition} };`,
      },
      language,
    );
    const effects = Array.from(
      { length: 10 },
      (_, guests) => current.decide(question({ guests })).effect,
    );
    expect(effects.map(effect => effect === 'permit')).toEqual(
      effects.map((_, guests) => guests > 2),
    );
    expect(new Set(language.requests).size).toBe(answers);
  },
);

it('lists what could be permitted in the best case, and knows the worst', () => {
  const { current } = policiesOf({ policies: STAFF });
  const unknown = question({ guests: undefined });
  expect(current.decideBound(unknown, 'best').effect).toBe('permit');
  expect(current.decideBound(unknown, 'worst').effect).toBe('deny');
});

it('knows no approval where nothing can be held', () => {
  const draft =
    '@id("a") @approval("group:default/x") permit (principal, action, resource);';
  const check = checkDraft(policiesOf({}), draft);
  expect(check.problems).toEqual([
    expect.objectContaining({
      policyId: 'a',
      message: '@approval is not known; there are @id, @description',
    }),
  ]);
});

it('explains by a draft, and leaves the policies that decide as they are', () => {
  const policies = policiesOf({ policies: STAFF });
  const explained = withPolicies(
    policies,
    '@id("closed") forbid (principal, action, resource);',
    compiled => explain(compiled, question()),
  );
  expect(explained).toMatchObject({
    effect: 'deny',
    deciding: [{ id: 'closed', source: 'draft', line: 1 }],
    matching: [{ id: 'default-front' }, { id: 'closed' }],
  });
  expect(policies.current.decide(question()).effect).toBe('permit');
  expect(() => withPolicies(policies, 'permit', () => {})).toThrow(/draft:1: /);
});

it('keeps the policies of before while a file is not valid', () => {
  const directory = mkdtempSync(join(tmpdir(), 'doors-'));
  const file = join(directory, 'doors.cedar');
  try {
    writeFileSync(file, STAFF);
    const policies = policiesOf({ files: [file] });
    const changed = jest.fn();
    policies.onChange(changed);
    writeFileSync(file, 'permit (');
    policies.reload();
    expect(policies.status().problem?.message).toContain(`${file}:1`);
    expect(policies.current.policies).toHaveLength(3);
    expect(changed).not.toHaveBeenCalled();

    writeFileSync(file, '');
    policies.reload();
    expect(policies.status().problem).toBeUndefined();
    expect(policies.current.policies).toHaveLength(1);
    expect(changed).toHaveBeenCalledTimes(1);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
