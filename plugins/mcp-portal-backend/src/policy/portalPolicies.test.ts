import {
  checkPolicies as checkPoliciesOf,
  CompiledPolicies,
  describeProblem,
  LocalTime,
  type PolicySource,
} from '@prompt-corner/cedar-policies';
import { portalPolicies } from './portalPolicies';

const READ = `@id("a")
permit (principal, action, resource);`;

const checkPolicies = (sources: PolicySource[]) =>
  checkPoliciesOf(sources, portalPolicies);

function problemsOf(...texts: string[]): string[] {
  return checkPolicies(
    texts.map((text, index) => ({ name: `${index}.cedar`, text })),
  ).problems.map(describeProblem);
}

it('accepts the policies that come with the portal, without a warning', () => {
  const { policies, problems, warnings } = checkPolicies([
    portalPolicies.defaultPolicies(),
  ]);
  expect([problems, warnings]).toEqual([[], []]);
  expect(policies).toMatchObject([
    {
      id: 'default-read-tools',
      effect: 'permit',
      source: 'default.cedar',
      line: 5,
    },
    { id: 'default-prompts-and-resources' },
    { id: 'default-granted-writing' },
  ]);
});

it('tells where a policy is, and keeps the order of those in a file', () => {
  const text = Array.from(
    { length: 12 },
    (_, i) => `// É\n@id("p${i}") permit (principal, action, resource);`,
  ).join('\n');
  expect(
    checkPolicies([{ name: 'x.cedar', text }]).policies.map(
      ({ id, line }) => `${id}:${line}`,
    ),
  ).toEqual(Array.from({ length: 12 }, (_, i) => `p${i}:${2 * i + 2}`));
});

it.each([
  [
    'text that is no policy',
    '// É\n\npermit (principal action, resource);',
    /^0\.cedar:3: unexpected token `action`/,
  ],
  [
    'a policy without a name',
    '\npermit (principal, action, resource);',
    /^0\.cedar:2: the policy has no name/,
  ],
  [
    'a name that is empty',
    '@id permit (principal, action, resource);',
    /has no name/,
  ],
  [
    'a name that cannot be shown',
    '@id("a\\u{202e}b") permit (principal, action, resource);',
    /the name may have letters/,
  ],
  [
    'a misspelt annotation, which would let a call through',
    '@id("a") @aproval("group:default/x") permit (principal, action, resource);',
    /^0\.cedar:1 \(policy "a"\): @aproval is not known; there are @id, @description, @approval$/,
  ],
  [
    'approval by nobody',
    '@id("a") @approval("") permit (principal, action, resource);',
    /has to name groups or users/,
  ],
  [
    'approval by something that is nobody',
    '@id("a") @approval("component:default/x") permit (principal, action, resource);',
    /has to name groups or users/,
  ],
  [
    'approval of what is forbidden',
    '@id("a") @approval("group:default/x") forbid (principal, action, resource);',
    /@approval is for permits only/,
  ],
  [
    'a template',
    '\n@id("a") permit (principal == ?principal, action, resource);',
    /^0\.cedar:2: has \?principal/,
  ],
  [
    'an unknown class',
    '@id("a")\npermit (principal, action == Action::"call_tool", resource)\nwhen { resource.class == ToolClass::"raed" };',
    /^0\.cedar:3 \(policy "a"\): entity `ToolClass::"raed"`.*"read", "write", "destructive"/,
  ],
  [
    'an unknown action',
    '@id("a") permit (principal, action == Action::"call", resource);',
    /\(policy "a"\): unrecognized action `Action::"call"`/,
  ],
  [
    'an argument that may be missing',
    '@id("a") forbid (principal, action, resource) when { context.arguments.text.getTag("x") == "y" };',
    /hasTag/,
  ],
  [
    'a number that JavaScript would change',
    '@id("a") permit (principal, action, resource) when { 9007199254740993 == 1 };',
    /2\^53/,
  ],
  [
    'text that is not Unicode',
    '@id("a") permit (principal, action, resource) when { "\ud800" == "x" };',
    /not Unicode/,
  ],
  [
    'policies that Cedar would fail at',
    `${READ}\n@id("b") permit (principal, action, resource) when { ${'('.repeat(
      100_000,
    )}`,
    /^0\.cedar:3: brackets are nested/,
  ],
  [
    'too many conditions beside those on arguments',
    `@id("a") permit (principal, action, resource) when { ${'context.arguments.paths.isEmpty() && '.repeat(
      60,
    )}true };`,
    /about 50 conditions/,
  ],
])('refuses %s', (_, text, message) => {
  const [problem] = problemsOf(text);
  expect(problem).toMatch(message);
});

it('loads every policy that it accepts, however many conditions are in a row', () => {
  const accepted = Array.from({ length: 40 }, (_, i) => i + 30).filter(
    count => {
      const chain = (operator: string) =>
        Array(count).fill('context has arguments').join(` ${operator} `);
      const { policies, problems } = checkPolicies([
        {
          name: 'x.cedar',
          text: `@id("a") permit (principal, action, resource) when { ${chain(
            '&&',
          )} } unless { ${chain('||')} };`,
        },
      ]);
      if (problems.length > 0) {
        return false;
      }
      new CompiledPolicies(policies, {
        language: portalPolicies,
        localTime: new LocalTime('UTC'),
      }).release();
      return true;
    },
  );
  expect(accepted.length).toBeGreaterThan(15);
  expect(accepted.length).toBeLessThan(30);
});

it('names both places of policies with one name', () => {
  expect(problemsOf(READ, `\n\n${READ}`)).toEqual([
    '1.cedar:3 (policy "a"): another policy has this name: 0.cedar:1',
  ]);
  expect(problemsOf(`${READ}\n${READ}`)).toEqual([
    '0.cedar:3 (policy "a"): another policy has this name: 0.cedar:1',
  ]);
});

it('warns of a policy that can never apply', () => {
  const { problems, warnings } = checkPolicies([
    {
      name: 'x.cedar',
      text: '@id("a")\nforbid (principal is Anonymous, action, resource)\nwhen { principal in Team::"group:default/x" };',
    },
  ]);
  expect(problems).toEqual([]);
  expect(warnings.map(describeProblem)).toEqual([
    expect.stringMatching(/^x\.cedar:1 \(policy "a"\): policy is impossible/),
  ]);
});
