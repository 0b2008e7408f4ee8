import { InputError } from '@backstage/errors';
import type {
  PolicyDecision,
  ToolClass,
} from '@prompt-corner/plugin-mcp-portal-common';
import { readArguments } from '../arguments';
import { attributesOf } from '../attributes';
import type { CompiledPolicies, Policy } from '../compile';
import type { PolicyEngine } from '../PolicyEngine';
import type { PolicyQuestion, PolicyTarget } from '../PolicyQuestion';

/** A policy, for people. */
export interface ShownPolicy {
  id: string;
  effect: 'permit' | 'forbid';
  text: string;
  /** Name of the file or configuration key that it is in. */
  source: string;
  /** From 1. */
  line: number;
  description?: string;
  approvers?: string[];
}

/** What would be decided, and by what. */
export interface Simulation extends PolicyDecision {
  version: string;
  /** Those that decide. */
  deciding: ShownPolicy[];
  /** All whose conditions hold, also those that others outweigh. */
  matching: ShownPolicy[];
  /** Whether the caller would see it in a list. */
  listed: boolean;
  /** Of the tools that were given: those that the caller would see. */
  listedTools: Array<{ name: string; toolClass?: ToolClass }>;
}

/** Tries decisions, by the policies that decide now or by a draft of others. */
export class PolicySimulator {
  readonly #engine: PolicyEngine;

  constructor(options: { engine: PolicyEngine }) {
    this.#engine = options.engine;
  }

  /** All policies that decide now. */
  policies(): ShownPolicy[] {
    return this.#engine.current.policies.map(shown);
  }

  /**
   * Decides a call that nobody makes.
   *
   * @param options.tools - of which to tell whether the caller would see them
   * @param options.draft - policies to use instead of those of the configuration
   * @throws InputError when the draft is not valid
   */
  simulate(options: {
    question: PolicyQuestion;
    tools?: PolicyTarget[];
    draft?: string;
  }): Simulation {
    if (options.draft === undefined) {
      return simulate(this.#engine.current, options);
    }
    const compiled = this.#engine.compileDraft(options.draft);
    try {
      return simulate(compiled, options);
    } finally {
      compiled.release();
    }
  }
}

function simulate(
  compiled: CompiledPolicies,
  {
    question,
    tools = [],
  }: { question: PolicyQuestion; tools?: PolicyTarget[] },
): Simulation {
  const now = question.now ?? new Date();
  const attributes = attributesOf(question, now);
  const read = readArguments(question.arguments);
  if ('refusal' in read) {
    throw new InputError(read.refusal);
  }
  const isListed = (changes: Partial<PolicyQuestion>) =>
    compiled.decideWithoutArguments(
      attributesOf({ ...question, ...changes }, now),
      'best',
    ).effect !== 'deny';

  const decision = compiled.decide(attributes, read.values);
  const matching = compiled.matching(attributes, read.values);
  return {
    ...decision,
    version: compiled.version,
    deciding: compiled.policies
      .filter(({ id }) => decision.policies.includes(id))
      .map(shown),
    matching: compiled.policies
      .filter(({ id }) => matching.includes(id))
      .map(shown),
    listed: isListed({}),
    listedTools: tools
      .filter(target => isListed({ action: 'call_tool', target }))
      .map(({ name, toolClass }) => ({ name, toolClass })),
  };
}

function shown({ json, ...policy }: Policy): ShownPolicy {
  return policy;
}
