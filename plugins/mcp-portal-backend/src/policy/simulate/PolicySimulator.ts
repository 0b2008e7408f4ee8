import { InputError } from '@backstage/errors';
import {
  explain,
  shownPolicies,
  withPolicies,
  type Explanation,
  type ShownPolicy,
} from '@prompt-corner/cedar-policies';
import type { ToolClass } from '@prompt-corner/plugin-mcp-portal-common';
import { readArguments } from '../arguments';
import { attributesOf } from '../attributes';
import { NO_ARGUMENTS, type PolicyEngine } from '../PolicyEngine';
import type { PolicyQuestion, PolicyTarget } from '../PolicyQuestion';
import type { PortalPolicies } from '../portalPolicies';

/** What would be decided, and by what. */
export interface Simulation extends Explanation {
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
    return shownPolicies(this.#engine.current);
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
    return withPolicies(this.#engine, options.draft, compiled =>
      simulate(compiled, options),
    );
  }
}

function simulate(
  compiled: PortalPolicies,
  {
    question,
    tools = [],
  }: { question: PolicyQuestion; tools?: PolicyTarget[] },
): Simulation {
  const now = question.now ?? new Date();
  const read = readArguments(question.arguments);
  if ('refusal' in read) {
    throw new InputError(read.refusal);
  }
  const isListed = (changes: Partial<PolicyQuestion>) => {
    const attributes = attributesOf({ ...question, ...changes }, now);
    const asked = { attributes, values: NO_ARGUMENTS };
    return compiled.decideBound(asked, 'best').effect !== 'deny';
  };
  const attributes = attributesOf(question, now);
  return {
    ...explain(compiled, { attributes, values: read.values }),
    listed: isListed({}),
    listedTools: tools
      .filter(target => isListed({ action: 'call_tool', target }))
      .map(({ name, toolClass }) => ({ name, toolClass })),
  };
}
