import { ProtocolError, Result } from '@modelcontextprotocol/client';
import {
  Direction,
  Finding,
  Guardrails,
  Inspection,
  inspectToolResult,
} from '@prompt-corner/guardrails';
import type {
  CallGuard,
  GuardedContent,
} from '@prompt-corner/plugin-mcp-portal-node';
import type { AuditFinding } from '@prompt-corner/plugin-mcp-portal-common';

/** Which guardrails apply. */
export interface GuardContext {
  portal: string;
  /** Name of the server. */
  server: string;
}

/** What is inspected, for guards that look at single tools. */
export interface CallContext extends GuardContext {
  /** The server's own name of the tool or prompt, or the URI of the resource. */
  target: string;
}

/** A guard that takes longer blocks. */
const GUARD_TIMEOUT_MS = 10_000;

/** In place of an error that must not reach the model. */
const HELD_BACK = 'The error of the server was held back by the portal';

/** What came of an inspection. */
export interface Guarded<T> {
  blocked: boolean;
  /** What was found, in words, without what was found. */
  summary: string;
  /** Without what had to be taken out. */
  value: T;
  findings: AuditFinding[];
}

/** Finds the guardrails of a portal and a server. */
export type GuardrailsFor = (context: GuardContext) => Guardrails;

/** Inspects everything that goes through portals, in both directions. */
export class PortalGuards {
  readonly #for: GuardrailsFor;
  readonly #forPeople: Guardrails;
  readonly #further: CallGuard[] = [];

  /** @param options.forPeople - takes secrets and personal data out of what approvers are shown */
  constructor(options: {
    guardrailsFor: GuardrailsFor;
    forPeople: Guardrails;
  }) {
    this.#for = options.guardrailsFor;
    this.#forPeople = options.forPeople;
  }

  /** Adds a guard of a module. */
  addGuard(guard: CallGuard): void {
    this.#further.push(guard);
  }

  async inspectArguments(
    value: Record<string, unknown>,
    context: CallContext,
  ): Promise<Guarded<Record<string, unknown>>> {
    return this.#inspect(value, 'argument', context);
  }

  /** What leaves with a call besides its arguments, and answers to questions of the server. */
  async inspectFurther<T>(value: T, context: CallContext): Promise<Guarded<T>> {
    return this.#inspect(value, 'argument', context, true);
  }

  /** Of a tool, a prompt or a resource. */
  async inspectResult(
    result: Result,
    context: CallContext,
  ): Promise<Guarded<Result>> {
    const direction = result.isError === true ? 'error' : 'result';
    return this.#askFurther(
      guarded(
        inspectToolResult(this.#for(context), result, { direction }),
        direction,
      ),
      { ...context, direction },
    );
  }

  /** What a server asks the user or the model in the middle of a call. */
  async inspectQuestion<T>(
    question: T,
    context: CallContext,
  ): Promise<Guarded<T>> {
    return this.#inspect(question, 'result', context);
  }

  /**
   * A text of a server that is no result, such as progress. Guards of modules are
   * not asked: they may take long, and there may be many of these.
   */
  inspectMessage<T>(value: T, context: GuardContext): Guarded<T> {
    return guarded(
      this.#for(context).inspectJson(value, { direction: 'result' }),
      'result',
    );
  }

  /** An error of a server. One that is blocked keeps its code only. */
  async inspectError(
    error: ProtocolError,
    context: CallContext,
  ): Promise<Guarded<ProtocolError>> {
    const inspected = await this.#inspect(
      { message: error.message, data: error.data },
      'error',
      context,
    );
    const { message, data } = inspected.value;
    return {
      ...inspected,
      value: inspected.blocked
        ? new ProtocolError(error.code, HELD_BACK)
        : new ProtocolError(error.code, message, data),
    };
  }

  async #inspect<T>(
    value: T,
    direction: Direction & GuardedContent['direction'],
    context: CallContext,
    isPart = false,
  ): Promise<Guarded<T>> {
    return this.#askFurther(
      guarded(
        this.#for(context).inspectJson(value, { direction, isPart }),
        direction,
      ),
      { ...context, direction },
    );
  }

  /** A guard that fails lets nothing pass. */
  async #askFurther<T>(
    inspected: Guarded<T>,
    about: Omit<GuardedContent, 'value'>,
  ): Promise<Guarded<T>> {
    let outcome = inspected;
    for (const guard of this.#further) {
      if (outcome.blocked) {
        return outcome;
      }
      outcome = await askGuard(guard, outcome, about);
    }
    return outcome;
  }

  /** Arguments for those who decide on a call. */
  forPeople(value: unknown): unknown {
    return this.#forPeople.inspectJson(value, { direction: 'result' }).value;
  }
}

async function askGuard<T>(
  guard: CallGuard,
  inspected: Guarded<T>,
  about: Omit<GuardedContent, 'value'>,
): Promise<Guarded<T>> {
  const finding = (
    action: AuditFinding['action'],
    detector = guard.id,
    count = 1,
  ): AuditFinding => ({ detector, action, direction: about.direction, count });
  try {
    const { action, value, reason, findings } = await inTime(
      guard.inspect({ ...about, value: inspected.value }),
    );
    if (action === 'pass') {
      return inspected;
    }
    return {
      blocked: action === 'block',
      summary: action === 'block' ? reason ?? guard.id : inspected.summary,
      value: action === 'redact' ? (value as T) : inspected.value,
      findings: [
        ...inspected.findings,
        ...(findings?.map(({ detector, count }) =>
          finding(action, `${guard.id}.${detector}`, count),
        ) ?? [finding(action)]),
      ],
    };
  } catch {
    return {
      ...inspected,
      blocked: true,
      summary: `the inspection "${guard.id}" failed`,
      findings: [...inspected.findings, finding('block')],
    };
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error('Took too long')),
      GUARD_TIMEOUT_MS,
    );
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function guarded<T>(
  inspection: Inspection<T>,
  direction: Direction,
): Guarded<T> {
  const blocking = inspection.findings.filter(
    ({ action }) => action === 'block',
  );
  return {
    blocked: inspection.action === 'block',
    summary: [...new Set(blocking.map(describe))].slice(0, 5).join('; '),
    value: inspection.value,
    findings: counted(inspection.findings, direction),
  };
}

function describe({ detector, pointer, preview }: Finding): string {
  return `${detector} (${preview})${pointer ? ` at ${pointer}` : ''}`;
}

function counted(findings: Finding[], direction: Direction): AuditFinding[] {
  const counts = new Map<string, AuditFinding>();
  for (const { detector, action } of findings) {
    const key = `${detector} ${action}`;
    const known = counts.get(key);
    if (known) {
      known.count++;
    } else {
      counts.set(key, { detector, action, direction, count: 1 });
    }
  }
  return [...counts.values()];
}
