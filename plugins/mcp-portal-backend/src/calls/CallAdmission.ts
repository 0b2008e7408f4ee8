import type { PolicyAnswer, PolicyEngine } from '../policy';
import { GrantsOf, PortalViews, targetOf, ViewedDefinition } from '../views';
import type { CallRecord } from './CallRecord';
import { CallRefusal } from './CallRefusal';
import { changedMeanwhile, findTarget, nothingThere } from './findTarget';
import type { PortalCall } from './PortalCall';

const POLICY_ACTION = {
  'tools/call': 'call_tool',
  'prompts/get': 'get_prompt',
  'resources/read': 'read_resource',
} as const;

/** What a call is about, and what policy says to it. */
export interface Admitted {
  target: ViewedDefinition;
  decision: PolicyAnswer;
}

/** Says what a caller may call. Asked when a call begins, and again when it has waited. */
export class CallAdmission {
  readonly #views: PortalViews;
  readonly #policy: PolicyEngine;
  readonly #grantsOf: GrantsOf;

  constructor(options: {
    views: PortalViews;
    policy: PolicyEngine;
    grantsOf: GrantsOf;
  }) {
    this.#views = options.views;
    this.#policy = options.policy;
    this.#grantsOf = options.grantsOf;
  }

  /**
   * Finds what a call is about, as the portal has it at this moment, and asks policy.
   *
   * @param pin - of the definition with which the call began; absent when it begins
   * @throws CallRefusal when there is no such thing, it has changed, or policy denies it
   * @throws ServiceUnavailableError when nobody knows what is approved, or what the caller was granted
   */
  async admit(
    call: PortalCall,
    record: CallRecord,
    pin?: string,
  ): Promise<Admitted> {
    const view = await this.#views.of(call.caller, call.portal);
    const target = findTarget(call, view);
    record.found(target);
    if (pin !== undefined && target.pin !== pin) {
      throw new CallRefusal('view', changedMeanwhile(call));
    }
    return { target, decision: await this.#decide(call, target, record) };
  }

  async #decide(
    call: PortalCall,
    target: ViewedDefinition,
    record: CallRecord,
  ): Promise<PolicyAnswer> {
    const grants = await this.#grantsOf(call.caller.uuid);
    const decision = this.#policy.decide({
      caller: call.caller,
      portal: call.portal.name,
      action: POLICY_ACTION[call.action],
      target: targetOf(
        call.portal.name,
        target.server,
        target.key,
        target.toolClass,
        grants,
      ),
      arguments: call.arguments,
    });
    record.decided(decision);
    if (decision.effect === 'deny') {
      // Tools and prompts that policy never permits are not in the view. Resources
      // are not in it at all, and the reason would tell that there is a server.
      throw new CallRefusal(
        'policy',
        call.action === 'resources/read' ? nothingThere(call) : decision.reason,
      );
    }
    return decision;
  }
}
