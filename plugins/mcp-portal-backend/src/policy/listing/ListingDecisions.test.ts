import { ada, engineOf, github } from '../__testUtils__/questions';
import type { PolicyEngine } from '../PolicyEngine';
import { ListingDecisions } from './ListingDecisions';

const READS = 'resource.class == ToolClass::"read"';

const setOf = (condition: string) =>
  `@id("a") permit (principal, action == Action::"call_tool", resource) when { ${condition} };`;

const targets = Array.from({ length: 300 }, (_, i) => ({
  server: { ...github, name: `server${i % 10}` },
  name: `${i % 20 < 10 ? 'get' : 'set'}_${i}`,
  toolClass: (['read', 'write', 'destructive'] as const)[i % 3],
}));

/** How many decisions it takes to list all tools, to Ada or somebody else. */
function lister(engine: PolicyEngine) {
  const decide = jest.spyOn(engine, 'decideListing');
  const listing = new ListingDecisions({ engine });
  return (now = '2026-11-18T12:00:00Z', caller = ada) => {
    decide.mockClear();
    const visible = listing.visible({
      caller,
      portal: 'main',
      action: 'call_tool',
      targets,
      now: new Date(now),
    });
    return { visible: visible.length, decisions: decide.mock.calls.length };
  };
}

it('decides once for all tools between which policies make no difference', () => {
  const list = lister(engineOf(setOf(READS)));
  // 10 servers with 3 classes.
  expect(list()).toEqual({ visible: 100, decisions: 30 });
  const byName = lister(
    engineOf(setOf(`${READS} && resource.name like "get*"`)),
  );
  expect(byName()).toEqual({ visible: 50, decisions: 60 });
  const byTool = lister(engineOf(setOf('resource == Tool::"server3/get_3"')));
  expect(byTool()).toEqual({ visible: 1, decisions: 31 });
});

it('decides for each tool when policies read names in another way', () => {
  const list = lister(
    engineOf(setOf(`${READS} && !(resource.name == resource.server.name)`)),
  );
  expect(list()).toEqual({ visible: 100, decisions: 300 });
});

it('remembers for one caller, until the caller or the policies change', () => {
  const engine = engineOf(setOf(READS));
  const list = lister(engine);
  list();
  expect(list('2027-01-01T00:00:00Z').decisions).toBe(0);
  expect(list(undefined, { ...ada, teams: [] }).decisions).toBe(30);
  expect(list(undefined, { ...ada, claims: { amr: ['mfa'] } }).decisions).toBe(
    30,
  );
  expect(list().decisions).toBe(0);
});

it('forgets at the next minute when policies read the time', () => {
  const list = lister(engineOf(setOf('context.time.hour < 12')));
  expect(list('2026-11-18T11:59:30Z')).toEqual({ visible: 300, decisions: 30 });
  expect(list('2026-11-18T11:59:59Z').decisions).toBe(0);
  expect(list('2026-11-18T12:00:00Z')).toEqual({ visible: 0, decisions: 30 });
});
