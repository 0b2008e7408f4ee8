import { createHash } from 'node:crypto';
import type { PolicyDecision } from '@prompt-corner/plugin-mcp-portal-common';
import type { ArgumentValue } from '../arguments';
import type { PolicyAttributes } from '../attributes';
import type { LocalTime } from '../LocalTime';
import { withoutArguments, type Bound } from './argumentBounds';
import { CedarSet, type CedarAnswer } from './CedarSet';
import { textsOf } from './checkPolicies';
import type { Policy } from './parsePolicies';
import { PartedSet } from './PartedSet';
import { readsArguments, readsOf, type PolicyReads } from './policyReads';
import { toCedarRequest, type CedarRequest } from './toCedarRequest';
import { weigh } from './weigh';

/** Characters of arguments that policies read, in all: 64 KiB take Cedar about a millisecond. */
const MAX_READ_LENGTH = 65_536;

const NOTHING: ReadonlyMap<string, ArgumentValue> = new Map();

/** A valid set of policies that decides. */
export class CompiledPolicies {
  readonly policies: Policy[];
  /** What the policies can read. */
  readonly reads: PolicyReads;
  /** `sha256:` and hex, over names and texts of the policies. */
  readonly version: string;
  readonly #byId: Map<string, Policy>;
  /** Those whose conditions arguments decide. */
  readonly #onArguments: Set<string>;
  readonly #exact: PartedSet;
  readonly #bounds: Record<Bound, CedarSet>;
  readonly #localTime: LocalTime;

  /**
   * @param policies - without problems
   * @throws Error when Cedar cannot parse them
   */
  constructor(policies: Policy[], options: { localTime: LocalTime }) {
    this.policies = policies;
    this.#localTime = options.localTime;
    this.#byId = new Map(policies.map(policy => [policy.id, policy]));
    this.reads = readsOf(policies.map(({ json }) => json));
    this.#onArguments = new Set(
      policies
        .filter(({ json }) =>
          json.conditions.some(({ body }) => readsArguments(body)),
        )
        .map(({ id }) => id),
    );
    this.version = versionOf(policies);
    this.#exact = new PartedSet(policies, options);
    const best = this.#bound('best');
    this.#bounds = {
      best,
      worst: this.#onArguments.size === 0 ? best : this.#bound('worst'),
    };
  }

  /** Decides a call whose arguments are known. Never throws: what cannot be decided is denied. */
  decide(
    attributes: PolicyAttributes,
    values: ReadonlyMap<string, ArgumentValue>,
  ): PolicyDecision {
    const tooLong = this.#tooLong(values);
    if (tooLong) {
      return denied(tooLong);
    }
    const ask = () => this.#exact.decide(attributes, values);
    return this.#decide(ask, answer => {
      const broken = answer.errors.find(
        ({ policyId }) => this.#byId.get(policyId)?.effect === 'forbid',
      );
      return broken
        ? forbiddenByError(broken)
        : this.#weigh(answer, attributes);
    });
  }

  /**
   * Decides a call whose arguments are not known: the best, or the worst, that it
   * could get. A call is never permitted when the best is `deny`, and never denied
   * when the worst is `permit`.
   */
  decideWithoutArguments(
    attributes: PolicyAttributes,
    bound: Bound,
  ): PolicyDecision {
    const ask = () =>
      this.#bounds[bound].decide(this.#requestOf(attributes, NOTHING));
    return this.#decide(ask, answer => {
      const errors = answer.errors.filter(
        // With other arguments, a part that cannot be evaluated might not have been reached.
        ({ policyId }) => bound === 'worst' || !this.#onArguments.has(policyId),
      );
      const broken = errors.find(
        ({ policyId }) => this.#byId.get(policyId)?.effect === 'forbid',
      );
      if (broken) {
        return forbiddenByError(broken);
      }
      const doubtful = answer.errors
        .filter(error => !errors.includes(error))
        .map(({ policyId }) => policyId)
        .filter(id => this.#byId.get(id)?.effect === 'permit');
      const isForbidden =
        answer.decision === 'deny' && answer.reasons.length > 0;
      return this.#weigh(
        isForbidden || doubtful.length === 0
          ? { ...answer, errors }
          : {
              decision: 'allow',
              reasons: [...answer.reasons, ...doubtful],
              errors,
            },
        attributes,
      );
    });
  }

  /**
   * Names of all policies whose conditions hold for a call, also of those that
   * others outweigh. For people: it takes longer than to decide.
   */
  matching(
    attributes: PolicyAttributes,
    values: ReadonlyMap<string, ArgumentValue>,
  ): string[] {
    if (this.#tooLong(values)) {
      return [];
    }
    // Cedar names permits only when nothing forbids.
    const permits = new CedarSet(
      textsOf(this.policies.filter(({ effect }) => effect === 'permit')),
    );
    try {
      return [
        ...new Set([
          ...permits.decide(this.#requestOf(attributes, values)).reasons,
          ...this.#exact.decide(attributes, values).reasons,
        ]),
      ];
    } finally {
      permits.release();
    }
  }

  /** Whether a policy could read the value of an argument. */
  couldRead(path: string): boolean {
    const { argumentPaths } = this.reads;
    return this.reads.arguments && argumentPaths?.has(path) !== false;
  }

  /** Frees the memory that it takes. It cannot decide any more. */
  release(): void {
    this.#exact.release();
    new Set(Object.values(this.#bounds)).forEach(set => set.release());
  }

  #decide(
    ask: () => CedarAnswer,
    weighed: (answer: CedarAnswer) => PolicyDecision,
  ): PolicyDecision {
    try {
      return weighed(ask());
    } catch (error) {
      return {
        ...denied(
          'The call could not be decided. The log of the portal says why; an administrator has to look',
        ),
        errors: [String(error)],
      };
    }
  }

  #requestOf(
    attributes: PolicyAttributes,
    values: ReadonlyMap<string, ArgumentValue>,
  ): CedarRequest {
    return toCedarRequest(attributes, values, {
      reads: this.reads,
      localTime: this.#localTime,
    });
  }

  #weigh(answer: CedarAnswer, attributes: PolicyAttributes): PolicyDecision {
    return weigh(answer, attributes, id => this.#byId.get(id)!);
  }

  #tooLong(values: ReadonlyMap<string, ArgumentValue>): string | undefined {
    if (!this.reads.arguments) {
      return undefined;
    }
    let length = 0;
    for (const [path, argument] of values) {
      if (argument.kind !== 'other' && this.couldRead(path)) {
        length += lengthOf(argument);
      }
    }
    return length > MAX_READ_LENGTH
      ? `The arguments on which policies depend are longer than ${MAX_READ_LENGTH} characters in all, which policy does not read. Send shorter ones`
      : undefined;
  }

  #bound(bound: Bound): CedarSet {
    return new CedarSet(
      Object.fromEntries(
        this.policies.map(({ id, text, json }) => [
          id,
          this.#onArguments.has(id) ? withoutArguments(json, bound) : text,
        ]),
      ),
    );
  }
}

function lengthOf(argument: Exclude<ArgumentValue, { kind: 'other' }>): number {
  return argument.kind === 'list'
    ? argument.value.reduce((sum, item) => sum + item.length + 1, 0)
    : String(argument.value).length;
}

function denied(reason: string): PolicyDecision {
  return { effect: 'deny', policies: [], reason };
}

/** Nobody knows what it would have forbidden. */
function forbiddenByError(
  error: CedarAnswer['errors'][number],
): PolicyDecision {
  const { policyId, message } = error;
  return {
    effect: 'deny',
    policies: [policyId],
    reason: `Policy "${policyId}" may forbid it, and could not be evaluated`,
    errors: [`${policyId}: ${message}`],
  };
}

function versionOf(policies: Policy[]): string {
  const texts = policies.map(({ id, text }) => [id, text]);
  const hash = createHash('sha256').update(JSON.stringify(texts.sort()));
  return `sha256:${hash.digest('hex')}`;
}
