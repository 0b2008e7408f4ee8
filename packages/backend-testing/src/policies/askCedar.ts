import {
  isAuthorized,
  type AuthorizationCall,
} from '@cedar-policy/cedar-wasm/nodejs';
import { LocalTime } from '@prompt-corner/cedar-policies';

/** Makes a request for Cedar of all that a question has, whatever policies read. */
export const ALL_OF_IT = {
  reads: {
    attributes: undefined,
    parents: undefined,
    targets: new Set<string>(),
    namePatterns: [],
    targetNames: true,
    unknown: true,
    tags: undefined,
    time: true,
    moments: undefined,
    numbers: new Map<string, Set<number>>(),
    age: true,
  },
  localTime: new LocalTime('UTC'),
};

/**
 * Asks Cedar itself, which validates the request against the schema.
 *
 * @throws Error when the request is not valid
 */
export function askCedar(
  request: Omit<AuthorizationCall, 'policies'>,
  policies: ReadonlyArray<{ id: string; text: string }>,
) {
  const answer = isAuthorized({
    ...request,
    validateRequest: true,
    policies: {
      staticPolicies: Object.fromEntries(
        policies.map(({ id, text }) => [id, text]),
      ),
    },
  });
  if (answer.type === 'failure') {
    throw new Error(JSON.stringify(answer.errors));
  }
  return answer.response;
}
