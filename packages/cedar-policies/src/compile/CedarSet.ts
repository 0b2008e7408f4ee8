import {
  preparsePolicySet,
  statefulIsAuthorized,
  type Policy as CedarPolicy,
} from '@cedar-policy/cedar-wasm/nodejs';
import type { CedarRequest } from '../requests';

/** Names of sets that are free again: Cedar can replace a set, but not forget one. */
const freeNames: string[] = [];
let names = 0;

/** What Cedar says: the policies that decided, and those that it could not evaluate. */
export interface CedarAnswer {
  decision: 'allow' | 'deny';
  /** The permits that apply when it allows, the forbids that apply when it does not. */
  reasons: string[];
  errors: Array<{ policyId: string; message: string }>;
}

/** Policies that Cedar has parsed, ready to decide. */
export class CedarSet {
  readonly #name: string;

  /** @throws Error when Cedar cannot parse them */
  constructor(policies: Record<string, CedarPolicy>) {
    this.#name = freeNames.pop() ?? `set-${names++}`;
    const answer = preparsePolicySet(this.#name, { staticPolicies: policies });
    if (answer.type === 'failure') {
      freeNames.push(this.#name);
      throw new Error(answer.errors.map(({ message }) => message).join('; '));
    }
  }

  /** @throws Error when Cedar cannot read the request; nothing is decided then */
  decide(request: CedarRequest): CedarAnswer {
    const answer = statefulIsAuthorized({
      ...request,
      preparsedPolicySetId: this.#name,
    });
    if (answer.type === 'failure') {
      throw new Error(answer.errors.map(({ message }) => message).join('; '));
    }
    const { decision, diagnostics } = answer.response;
    return {
      decision,
      reasons: diagnostics.reason,
      // Cedar names them in any order.
      errors: diagnostics.errors
        .map(({ policyId, error }) => ({ policyId, message: error.message }))
        .sort((a, b) => (a.policyId < b.policyId ? -1 : 1)),
    };
  }

  /** Frees its memory. It cannot decide any more. */
  release(): void {
    preparsePolicySet(this.#name, { staticPolicies: {} });
    freeNames.push(this.#name);
  }
}
