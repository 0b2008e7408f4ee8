import type { CheckResult } from '@backstage-community/plugin-tech-insights-common';
import { z } from 'zod/v3';
import { textOf, withoutEmpty } from '../catalog/entities';
import type { EntityResolver } from '../names/EntityResolver';
import type { TechInsights } from '../scorecards/TechInsights';
import { defineCatalogTool } from './CatalogTool';
import { entityRefSchema, noteSchema } from './schemas';

/** Tells how an entity does against the organisation's checks. */
export function createGetScorecardTool(options: {
  resolver: EntityResolver;
  techInsights: TechInsights;
}) {
  const { resolver, techInsights } = options;
  return defineCatalogTool({
    name: 'get-scorecard',
    title: 'Get a scorecard',
    description:
      'How an entity does against the Tech Insights checks of the organisation: which pass, which fail, and what to do about them.',
    input: z.object({ ref: entityRefSchema() }),
    output: z.object({
      ref: z.string(),
      passed: z.number(),
      total: z.number().describe('Checks with a yes or no result'),
      checks: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          passed: z.boolean().optional(),
          result: z
            .unknown()
            .optional()
            .describe('The result of a check that does not say yes or no'),
          description: z.string().optional(),
          advice: z.string().optional(),
        }),
      ),
      note: noteSchema,
    }),
    examples: [
      {
        title: 'Is checkout production ready?',
        input: { ref: 'checkout' },
      },
    ],
    async run({ ref }, caller) {
      const resolved = await resolver.resolve({ text: ref, caller });
      const results = await techInsights.check(
        resolved.ref,
        caller.credentials,
      );
      const checks = results.map(toCheck);
      const decided = checks.filter(({ passed }) => passed !== undefined);
      return withoutEmpty(
        {
          ref: resolved.ref,
          passed: decided.filter(({ passed }) => passed).length,
          total: decided.length,
          // Failures first: they are what there is to do.
          checks: checks.sort((a, b) => Number(a.passed) - Number(b.passed)),
          note: resolved.note,
        },
        'checks',
      );
    },
  });
}

function toCheck({ check, result }: CheckResult) {
  const passed = typeof result === 'boolean' ? result : undefined;
  return withoutEmpty({
    id: check.id,
    name: check.name,
    passed,
    result: passed === undefined ? result ?? 'no result yet' : undefined,
    description: passed ? undefined : textOf(check.description),
    advice: passed
      ? undefined
      : textOf(check.metadata?.details) ?? textOf(check.metadata?.description),
  });
}
