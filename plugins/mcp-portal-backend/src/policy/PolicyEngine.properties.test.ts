import { ALL_OF_IT, askCedar } from '@prompt-corner/backend-testing/policies';
import fc from 'fast-check';
import {
  caller,
  policies,
  policiesWithoutArguments,
  question,
  target,
} from './__testUtils__/arbitraries';
import { engineOf } from './__testUtils__/questions';
import { readArguments, type ArgumentValue } from './arguments';
import { attributesOf } from './attributes';
import { ListingDecisions } from './listing';
import { NO_ARGUMENTS, type PolicyEngine } from './PolicyEngine';
import type { PolicyQuestion } from './PolicyQuestion';
import { portalPolicies } from './portalPolicies';
import { toCedarRequest } from './toCedarRequest';

jest.setTimeout(120_000);

/** Loading a set takes most of the time, so each decides several calls. */
const RUNS = { numRuns: 50 };
const questions = fc.array(question, { minLength: 8, maxLength: 8 });

/** For as long as a property needs it. */
function withEngine<T>(text: string, use: (engine: PolicyEngine) => T): T {
  const engine = engineOf(text);
  try {
    return use(engine);
  } finally {
    engine.current.release();
  }
}

/** Asks Cedar itself, with all there is. */
function fromCedar(engine: PolicyEngine, asked: PolicyQuestion) {
  const { values } = readArguments(asked.arguments) as {
    values: Map<string, ArgumentValue>;
  };
  const told = { attributes: attributesOf(asked, asked.now!), values };
  return askCedar(
    { ...toCedarRequest(told, ALL_OF_IT), schema: portalPolicies.schema() },
    engine.current.policies,
  );
}

/** Calls that differ from others in one thing only, for which what was remembered of those must not stand. */
function variationsOf(all: PolicyQuestion[]): PolicyQuestion[] {
  return all.flatMap((asked, index) => {
    const other = all[(index + 1) % all.length];
    return [
      asked,
      { ...asked, arguments: other.arguments },
      { ...asked, caller: other.caller },
      { ...asked, target: other.target },
      { ...asked, portal: other.portal },
      { ...asked, now: other.now },
    ];
  });
}

it('decides as Cedar does with all that it could be told, and denies where a forbid fails', () => {
  fc.assert(
    fc.property(policies, questions, (text, all) =>
      withEngine(text, engine =>
        variationsOf(all).forEach(asked => {
          const { decision, diagnostics } = fromCedar(engine, asked);
          const byId = new Map(engine.current.policies.map(p => [p.id, p]));
          const forbidFailed = diagnostics.errors.some(
            ({ policyId }) => byId.get(policyId)!.effect === 'forbid',
          );
          const permits = forbidFailed
            ? []
            : diagnostics.reason
                .map(id => byId.get(id)!)
                .filter(({ effect }) => effect === 'permit');
          const free = permits.filter(({ approvers }) => !approvers);
          const answer = engine.decide(asked);
          expect(engine.decide(asked)).toEqual(answer);
          const { effect, policies: deciding } = answer;
          expect(decision === 'allow' && !forbidFailed).toBe(effect !== 'deny');
          expect(effect === 'deny' ? [] : [effect, ...deciding]).toEqual(
            [
              free.length > 0 ? ['permit'] : [],
              free.length === 0 && permits.length > 0 ? ['hold'] : [],
              (free.length > 0 ? free : permits).map(({ id }) => id).sort(),
            ].flat(),
          );
        }),
      ),
    ),
    RUNS,
  );
});

const RANK = { deny: 0, hold: 1, permit: 2 };

it('never hides what some call could get, and never promises more than the best call gets', () => {
  fc.assert(
    fc.property(policies, questions, (text, all) =>
      withEngine(text, engine =>
        all.forEach(asked => {
          const attributes = attributesOf(asked, asked.now!);
          const bound = (which: 'best' | 'worst') =>
            RANK[
              engine.current.decideBound(
                { attributes, values: NO_ARGUMENTS },
                which,
              ).effect
            ];
          const called = RANK[engine.decide(asked).effect];
          expect(bound('best')).toBeGreaterThanOrEqual(called);
          expect(bound('worst')).toBeLessThanOrEqual(called);
          expect(RANK[engine.decideListing(asked).effect]).toBe(bound('best'));
        }),
      ),
    ),
    RUNS,
  );
});

it('lists exactly what calls get when no policy reads arguments', () => {
  fc.assert(
    fc.property(policiesWithoutArguments, questions, (text, all) =>
      withEngine(text, engine =>
        all.forEach(asked => {
          expect(engine.decideListing(asked).effect).toBe(
            engine.decide(asked).effect,
          );
        }),
      ),
    ),
    RUNS,
  );
});

it('lists many tools as it would each of them, also from its memory', () => {
  fc.assert(
    fc.property(
      policies,
      fc.array(caller, { minLength: 1, maxLength: 2 }),
      fc.array(target, { minLength: 1, maxLength: 12 }),
      (text, callers, targets) =>
        withEngine(text, engine => {
          const listing = new ListingDecisions({ engine });
          for (const now of ['2026-11-18T11:00:00Z', '2026-11-18T12:00:30Z']) {
            for (const one of [...callers, ...callers]) {
              const asked = {
                caller: one,
                portal: 'main',
                action: 'call_tool' as const,
                now: new Date(now),
              };
              expect(listing.visible({ ...asked, targets })).toEqual(
                targets.filter(
                  each =>
                    engine.decideListing({ ...asked, target: each }).effect !==
                    'deny',
                ),
              );
            }
          }
        }),
    ),
    RUNS,
  );
});
