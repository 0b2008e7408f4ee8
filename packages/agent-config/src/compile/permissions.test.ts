import fc from 'fast-check';
import { stringify } from 'yaml';
import { configOf, problemsOf } from '../testing';

const action = fc.constantFrom('allow', 'ask', 'deny');
const pattern = fc
  .string({ minLength: 1, maxLength: 12 })
  .filter(text => !/^\d+$/.test(text) && text !== '*' && !text.includes('{'))
  .filter(text => text !== '__proto__' && text !== '<<');
const rules = fc.uniqueArray(fc.tuple(pattern, action), {
  selector: ([text]) => text,
  maxLength: 15,
});

describe('Permissions', () => {
  it('keep the order in which they are written', () => {
    fc.assert(
      fc.property(rules, action, (some, first) => {
        const written = [['*', first], ...some] as Array<[string, string]>;
        const bash = new Map(written);
        const { organisation } = configOf({
          'permissions.yaml': stringify(new Map([['bash', bash]])),
          'agents/a.md': `---\n${stringify({
            permission: new Map([['read', bash]]),
          })}---\nHello`,
        });
        const { permission, agent } = JSON.parse(
          JSON.stringify(organisation.config),
        );
        expect(Object.entries(permission.bash)).toEqual(written);
        expect(Object.entries(agent.a.permission.read)).toEqual(written);
      }),
    );
  });

  it('cannot have a rule for all after others, which would be replaced', () => {
    expect(
      problemsOf({
        'agents/a.md':
          "---\npermission:\n  bash:\n    'rm *': deny\n    '*': allow\n---\nHello",
      }),
    ).toEqual([expect.stringMatching(/^agents\/a\.md:5: .*make it the first/)]);
  });

  it('cannot have a number for a pattern, which JSON would put first', () => {
    expect(
      problemsOf({ 'permissions.yaml': "bash:\n  '*': ask\n  '7': deny\n" }),
    ).toEqual([expect.stringMatching(/^permissions\.yaml:3: /)]);
  });
});
