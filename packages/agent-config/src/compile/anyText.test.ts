import fc from 'fast-check';
import { compileFiles } from '../testing';

const PATHS = [
  'agents/a.md',
  'commands/x/c.md',
  'instructions.md',
  'mcp.yaml',
  'permissions.yaml',
  'settings.yaml',
  'teams/t/agents/a.md',
  'teams/t/settings.yaml',
  'other.yaml',
];

const line = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.constantFrom(
    '---',
    'mode: all',
    'permission:',
    "  '*': ask",
    '  bash: { a: allow }',
    'model: &a x',
    'small_model: *a',
    '? [a]',
    '<<: {}',
    'null: null',
    'provider:',
    'providers: { anthropic: { options: null } }',
    'client_models: 1',
    'a: { url: 1, headers: [] }',
    '\t- x',
  ),
);

describe('Any text', () => {
  it('is compiled, or has problems in lines that it has', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom(...PATHS),
          fc.array(line, { maxLength: 8 }).map(lines => lines.join('\n')),
        ),
        files => {
          const compiled = compileFiles(files);
          const problems = compiled.ok ? [] : compiled.problems;
          for (const problem of problems) {
            expect(Object.keys(files)).toContain(problem.file);
            expect(problem.line).toBeGreaterThan(0);
            expect(problem.line).toBeLessThanOrEqual(
              files[problem.file].split(/\r\n?|\n/).length,
            );
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
