import { ProtocolError, Result } from '@modelcontextprotocol/client';
import {
  Direction,
  Finding,
  Guardrails,
  Inspection,
  inspectToolResult,
} from '@prompt-corner/guardrails';
import type { AuditFinding } from '@prompt-corner/plugin-mcp-portal-common';

/** Which guardrails apply. */
export interface GuardContext {
  portal: string;
  /** Name of the server. */
  server: string;
}

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

  /** @param options.forPeople - takes secrets and personal data out of what approvers are shown */
  constructor(options: {
    guardrailsFor: GuardrailsFor;
    forPeople: Guardrails;
  }) {
    this.#for = options.guardrailsFor;
    this.#forPeople = options.forPeople;
  }

  inspectArguments(
    value: Record<string, unknown>,
    context: GuardContext,
  ): Guarded<Record<string, unknown>> {
    return guarded(
      this.#for(context).inspectJson(value, { direction: 'argument' }),
      'argument',
    );
  }

  /** Of a tool, a prompt or a resource. */
  inspectResult(result: Result, context: GuardContext): Guarded<Result> {
    const direction = result.isError === true ? 'error' : 'result';
    return guarded(
      inspectToolResult(this.#for(context), result, { direction }),
      direction,
    );
  }

  /** A text of a server that is no result: a message, a question to the user. */
  inspectMessage<T>(value: T, context: GuardContext): Guarded<T> {
    return guarded(
      this.#for(context).inspectJson(value, { direction: 'result' }),
      'result',
    );
  }

  /** An error of a server, without what must not reach the model. */
  cleanError(error: ProtocolError, context: GuardContext): ProtocolError {
    const { value } = this.#for(context).inspectJson(
      { message: error.message, data: error.data },
      { direction: 'error' },
    );
    return new ProtocolError(error.code, value.message, value.data);
  }

  /** Arguments for those who decide on a call. */
  forPeople(value: unknown): unknown {
    return this.#forPeople.inspectJson(value, { direction: 'result' }).value;
  }
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
