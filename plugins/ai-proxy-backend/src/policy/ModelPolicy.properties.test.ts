import { ALL_OF_IT, askCedar } from '@prompt-corner/backend-testing/policies';
import { callerAttributes } from '@prompt-corner/cedar-policies';
import fc from 'fast-check';
import {
  caller,
  model,
  policies,
  policiesWithoutRequests,
  question,
} from './__testUtils__/arbitraries';
import { policyOf } from './__testUtils__/questions';
import type { ModelPolicy } from './ModelPolicy';
import { modelPolicies } from './modelPolicies';
import type { ModelUse } from './ModelQuestion';
import { toCedarRequest } from './toCedarRequest';

jest.setTimeout(120_000);

/** Loading a set takes most of the time, so each decides several requests. */
const RUNS = { numRuns: 50 };
const questions = fc.array(question, { minLength: 4, maxLength: 4 });

/** For as long as a property needs it. */
function withPolicy<T>(text: string, use: (policy: ModelPolicy) => T): T {
  const policy = policyOf(text);
  try {
    return use(policy);
  } finally {
    policy.current.release();
  }
}

/** Asks Cedar itself, with all there is. */
function fromCedar(
  policy: ModelPolicy,
  { caller: who, now, ...use }: ModelUse,
) {
  const told = {
    caller: { ...callerAttributes(who, now!), at: now!.toISOString() },
    use,
  };
  return askCedar(
    { ...toCedarRequest(told, ALL_OF_IT), schema: modelPolicies.schema() },
    policy.current.policies,
  );
}

/** Requests that differ from others in one thing only, for which what was remembered of those must not stand. */
function variationsOf(all: ModelUse[]): ModelUse[] {
  return all.flatMap((asked, index) => {
    const other = all[(index + 1) % all.length];
    return [
      asked,
      { ...asked, request: other.request },
      {
        ...asked,
        request: { ...asked.request, inputTokens: other.request.inputTokens },
      },
      { ...asked, caller: other.caller },
      { ...asked, model: other.model },
      { ...asked, component: other.component },
      { ...asked, now: other.now },
    ];
  });
}

it('decides as Cedar does with all that it could be told, and denies where a forbid fails', () => {
  fc.assert(
    fc.property(policies, questions, (text, all) =>
      withPolicy(text, policy =>
        variationsOf(all).forEach(asked => {
          const { decision, diagnostics } = fromCedar(policy, asked);
          const forbids = new Set(
            policy.current.policies
              .filter(({ effect }) => effect === 'forbid')
              .map(({ id }) => id),
          );
          const isPermitted =
            decision === 'allow' &&
            !diagnostics.errors.some(({ policyId }) => forbids.has(policyId));
          const answer = policy.decide(asked);
          expect(policy.decide(asked)).toEqual(answer);
          expect(answer.effect).toBe(isPermitted ? 'permit' : 'deny');
          expect(isPermitted ? answer.policies : []).toEqual(
            isPermitted ? [...diagnostics.reason].sort() : [],
          );
        }),
      ),
    ),
    // Asking Cedar with a schema takes most of the time.
    { numRuns: 25 },
  );
});

it('lists every model of which some request is permitted', () => {
  fc.assert(
    fc.property(policies, questions, (text, all) =>
      withPolicy(text, policy =>
        all.forEach(asked => {
          const isListed = policy.mayUse(asked.caller, asked.now)(asked.model);
          const isPermitted = policy.decide(asked).effect === 'permit';
          expect(isListed || !isPermitted).toBe(true);
        }),
      ),
    ),
    RUNS,
  );
});

it('lists exactly what is permitted when no policy reads requests, also from its memory', () => {
  fc.assert(
    fc.property(
      policiesWithoutRequests,
      fc.array(caller, { minLength: 1, maxLength: 2 }),
      fc.array(model, { minLength: 1, maxLength: 12 }),
      question,
      (text, callers, models, asked) =>
        withPolicy(text, policy => {
          for (const who of [...callers, ...callers]) {
            const mayUse = policy.mayUse(who, asked.now);
            expect(models.filter(mayUse)).toEqual(
              models.filter(
                one =>
                  policy.decide({ ...asked, caller: who, model: one })
                    .effect === 'permit',
              ),
            );
          }
        }),
    ),
    RUNS,
  );
});
