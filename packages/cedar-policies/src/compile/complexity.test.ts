import { spawnSync } from 'node:child_process';
import { tooComplex } from './complexity';

const permit = (condition: string) =>
  `@id("x") permit (principal, action, resource) when { ${condition} };`;

/** The most complex policies of their kinds that are let through. */
const allowed: Record<string, string> = {
  brackets: permit(`${'('.repeat(31)}true${')'.repeat(31)}`),
  sets: permit(`${'['.repeat(31)}1${']'.repeat(31)} == 1`),
  records: permit(`${'{a:'.repeat(31)}1${'}'.repeat(31)} == 1`),
  calls: permit(`${'[1].contains('.repeat(31)}1${')'.repeat(31)}`),
  ifs: permit(`${'if true then true else '.repeat(200)}true`),
  nestedIfs: permit(
    `${'if '.repeat(200)}true${' then true else false'.repeat(200)}`,
  ),
  attributes: permit(`context${'.a'.repeat(200)} == 1`),
  sums: permit(`${'1 + '.repeat(200)}1 == 1`),
  conjunctions: permit(`${'true && '.repeat(500)}true`),
  disjunctions: permit(`${'false || '.repeat(500)}true`),
  everything: permit(
    `${'!('.repeat(31)}${'false || '.repeat(500)}context${'.a'.repeat(
      200,
    )} == 1${')'.repeat(31)}`,
  ),
  many: permit('(context.a + 1 == 2) && true').repeat(500),
};

/** Does all that is done with policies, each in a new process, and prints whether it went well. */
const SCRIPT = `
  const cedar = require(process.argv[1]);
  const text = require('node:fs').readFileSync(0, 'utf8');
  const part = cedar.policySetTextToParts(text).policies[0];
  cedar.policyToJson(part);
  const policies = { staticPolicies: { part } };
  cedar.validate({ schema: 'entity U; action a appliesTo { principal: U, resource: U, context: { a: Long } };', policies });
  cedar.preparsePolicySet('set', policies);
  const uid = { type: 'U', id: 'u' };
  const { type } = cedar.statefulIsAuthorized({
    principal: uid, action: { type: 'Action', id: 'a' }, resource: uid,
    context: { a: 1 }, entities: [], preparsedPolicySetId: 'set',
  });
  console.log(type);
`;

it.each(Object.entries(allowed))(
  'lets %s through, which Cedar can read, validate and evaluate',
  (_, text) => {
    expect(tooComplex(text)).toBeUndefined();
    // In another process: what Cedar fails at leaves it unable to decide anything.
    const { stdout } = spawnSync(
      process.execPath,
      ['-e', SCRIPT, require.resolve('@cedar-policy/cedar-wasm/nodejs')],
      { input: text, encoding: 'utf8' },
    );
    expect(stdout).toBe('success\n');
  },
);

it.each([
  ['brackets', permit(`${'('.repeat(32)}true${')'.repeat(32)}`), /brackets/],
  ['brackets that never end', '('.repeat(1_000_000), /brackets/],
  ['ifs', permit(`${'if true then true else '.repeat(201)}true`), /steps/],
  ['attributes', permit(`context${'.a'.repeat(201)} == 1`), /steps/],
  ['sums', permit(`${'1 - '.repeat(201)}1 == 1`), /steps/],
  ['conjunctions', permit(`${'true && '.repeat(501)}true`), /&&/],
  ['patterns', permit(`context.a like "${'*a'.repeat(500)}"`), /1000 char/],
])('refuses policies with too many %s', (_, text, message) => {
  expect(tooComplex(text)?.message).toMatch(message);
});

it('counts nothing in texts and comments, and tells where it is too much', () => {
  const noise = '((((((((([[[[ "';
  const text = `// ${noise.repeat(50)}\n${permit(
    `context.a like "${noise.replace('"', '\\"').repeat(20)}"`,
  )}`;
  expect(tooComplex(text)).toBeUndefined();
  const after = `${text}\n${permit('('.repeat(40))}`;
  expect(tooComplex(after)!.index).toBeGreaterThan(text.length);
});
