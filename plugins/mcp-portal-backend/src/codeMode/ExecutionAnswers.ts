import type { LoggerService } from '@backstage/backend-plugin-api';
import type { CallToolResult } from '@modelcontextprotocol/server';
import type { Execution } from '@prompt-corner/code-mode';
import type { AuditFinding } from '@prompt-corner/plugin-mcp-portal-common';
import type { PortalGuards } from '../guards';
import type { CodeAnswer, CodeRequest } from './CodeRequest';
import type { CodeScope } from './CodeScope';
import type { ExecutionLog, ExecutionPart } from './ExecutionLog';
import {
  endedText,
  EXECUTION_META_KEY,
  failedText,
  pausedText,
} from './executionText';
import { originsOf } from './origins';
import type { RunSnippet } from './runSnippet';

const NOT_PAUSED =
  'A call waits for a person to approve it, and the execution could not be stored to go on later';

/** What the model is told of executions; it is kept at the same time. */
export class ExecutionAnswers {
  readonly #log: ExecutionLog;
  readonly #guards: PortalGuards;
  readonly #logger: LoggerService;

  constructor(options: {
    log: ExecutionLog;
    guards: PortalGuards;
    logger: LoggerService;
  }) {
    this.#log = options.log;
    this.#guards = options.guards;
    this.#logger = options.logger;
  }

  /** An execution that is over, or waits for a person. */
  async of(
    request: CodeRequest,
    part: ExecutionPart,
    run: RunSnippet,
    scope: CodeScope,
  ): Promise<CodeAnswer> {
    const { execution, waiting } = run;
    if (!waiting.length) {
      return this.ended(request, part, execution, scope);
    }
    const made = execution.calls.filter(
      ({ outcome }) => outcome !== 'abandoned',
    );
    const result = pausedText(part.id, waiting, made);
    try {
      await this.#log.paused(
        request,
        part,
        run,
        originsOf(run.replay.calls, scope),
        result,
      );
    } catch (error) {
      // The model has to hear what was done, or it would do it again.
      this.#logger.warn(
        `Could not pause the Code Mode execution ${part.id}: ${error}`,
      );
      return { result: failedText(NOT_PAUSED, made), executionId: part.id };
    }
    return {
      result: withId(result, part.id),
      executionId: part.id,
      outcome: 'held',
    };
  }

  /** An execution that is over. */
  async ended(
    request: CodeRequest,
    part: ExecutionPart,
    execution: Execution,
    scope: CodeScope,
  ): Promise<CodeAnswer> {
    const { result, findings, heldBack } = await this.#inspected(
      request,
      execution,
      scope,
    );
    await this.#log.ended(request, part, execution, result, heldBack);
    return {
      result: withId(result, part.id),
      findings,
      executionId: part.id,
      ...(execution.outcome === 'cancelled' && { outcome: 'cancelled' }),
    };
  }

  /** Code can put together what no single answer of a server had in it. */
  async #inspected(
    { portal }: CodeRequest,
    execution: Execution,
    { server, execute }: CodeScope,
  ) {
    const inspected = await this.#guards.inspectResult(endedText(execution), {
      portal: portal.name,
      server,
      target: execute,
    });
    const findings: AuditFinding[] = inspected.findings;
    if (!inspected.blocked) {
      return { result: inspected.value as CallToolResult, findings };
    }
    const heldBack = `The result was held back: ${inspected.summary}`;
    const result = failedText(heldBack, execution.calls);
    return { result, findings, heldBack };
  }
}

function withId(result: CallToolResult, id: string): CallToolResult {
  return { ...result, _meta: { [EXECUTION_META_KEY]: id } };
}
