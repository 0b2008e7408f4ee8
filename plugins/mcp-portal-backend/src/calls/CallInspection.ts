import {
  isInputRequiredResult,
  ProtocolError,
  ProtocolErrorCode,
  Result,
} from '@modelcontextprotocol/client';
import type { CallContext, PortalGuards } from '../guards';
import type { ViewedDefinition } from '../views';
import { ArgumentSchemas } from './ArgumentSchemas';
import type { CallRecord } from './CallRecord';
import { CallRefusal } from './CallRefusal';
import type { PortalCall } from './PortalCall';

/** What a client sends to a server with a call. */
export interface OutgoingContent {
  arguments: Record<string, unknown>;
  _meta?: Record<string, unknown>;
  /** By the keys of the questions. */
  inputResponses?: Record<string, unknown>;
}

/** Looks at all that goes to a server and comes from it: schemas, and guardrails. */
export class CallInspection {
  readonly #guards: PortalGuards;
  readonly #schemas = new ArgumentSchemas();

  constructor(options: { guards: PortalGuards }) {
    this.#guards = options.guards;
  }

  /** @throws CallRefusal when they do not fit the schema of the tool */
  checkArguments(call: PortalCall, target: ViewedDefinition): void {
    if (call.action !== 'tools/call') {
      return;
    }
    const problem = this.#schemas.problemOf(
      `${target.pin} in`,
      target.definition.inputSchema,
      call.arguments,
    );
    if (problem) {
      throw new CallRefusal(
        'arguments',
        `The arguments do not fit the tool: ${problem}`,
      );
    }
  }

  /**
   * Looks at what leaves for the server: arguments, `_meta`, and answers to its questions.
   *
   * @returns it without what had to be taken out
   * @throws CallRefusal when it may not leave the portal
   */
  async inspectOutgoing(
    call: PortalCall,
    target: ViewedDefinition,
    record: CallRecord,
  ): Promise<OutgoingContent> {
    const context = contextOf(call, target);
    const args = await this.#guards.inspectArguments(call.arguments, context);
    record.inspected(args.findings);
    if (args.blocked) {
      throw mayNotLeave('arguments', args.summary);
    }
    const { meta, round } = call;
    if (!meta && !round?.inputResponses) {
      return { arguments: args.value };
    }
    const further = await this.#guards.inspectFurther(
      {
        ...(meta && { _meta: meta }),
        ...(round?.inputResponses && { inputResponses: round.inputResponses }),
      },
      context,
    );
    record.inspected(further.findings);
    if (further.blocked) {
      throw mayNotLeave('answers and `_meta`', further.summary);
    }
    return { arguments: args.value, ...further.value };
  }

  /**
   * @returns it without what had to be taken out
   * @throws CallRefusal when it may not reach the caller
   */
  async inspectResult(
    call: PortalCall,
    target: ViewedDefinition,
    result: Result,
    record: CallRecord,
  ): Promise<Result> {
    const problem = this.#outputProblem(call, target, result);
    if (problem) {
      throw new CallRefusal(
        'upstream',
        `The server "${target.server.name}" answered with what its own schema does not allow: ${problem}`,
        { outcome: 'upstream_error' },
      );
    }
    const inspected = await this.#guards.inspectResult(
      result,
      contextOf(call, target),
    );
    record.inspected(inspected.findings);
    if (inspected.blocked) {
      throw new CallRefusal(
        'guardrails.result',
        `The answer of the server was held back: ${inspected.summary}`,
      );
    }
    return inspected.value;
  }

  /** @returns what may reach the caller of an error that the server answered with */
  async inspectError(
    call: PortalCall,
    target: ViewedDefinition,
    error: ProtocolError,
    record: CallRecord,
  ): Promise<ProtocolError> {
    const { findings, value } = await this.#guards.inspectError(
      error,
      contextOf(call, target),
    );
    record.inspected(findings);
    return value;
  }

  /** What of a call listens to its server, as far as there is such a listener. */
  guardedListeners(
    call: PortalCall,
    target: ViewedDefinition,
    record: CallRecord,
  ) {
    const { onProgress, onNotification, onQuestion } = call;
    const context = contextOf(call, target);
    return {
      onProgress: onProgress && this.#guarded(context, record, onProgress),
      onNotification:
        onNotification && this.#guarded(context, record, onNotification),
      onRequest:
        onQuestion && this.#guardedQuestion(context, record, onQuestion),
    };
  }

  /** What a server says meanwhile reaches the model as well. What must not is left out. */
  #guarded<T>(
    context: CallContext,
    record: CallRecord,
    pass: (message: T) => void,
  ): (message: T) => void {
    return message => {
      const { blocked, findings, value } = this.#guards.inspectMessage(
        message,
        context,
      );
      record.inspected(findings);
      if (!blocked) {
        pass(value);
      }
    };
  }

  /**
   * What a server asks reaches the user, and is looked at as a result is; what it
   * is answered, as arguments are.
   */
  #guardedQuestion(
    context: CallContext,
    record: CallRecord,
    ask: NonNullable<PortalCall['onQuestion']>,
  ): typeof ask {
    return async question => {
      const asked = await this.#guards.inspectQuestion(question, context);
      record.inspected(asked.findings);
      if (asked.blocked) {
        throw notPassedOn('question');
      }
      const answer = await this.#answerOf(ask(asked.value), context, record);
      const answered = await this.#guards.inspectFurther(answer, context);
      record.inspected(answered.findings);
      if (answered.blocked) {
        throw notPassedOn('answer');
      }
      return answered.value;
    };
  }

  /**
   * An error is an answer too, of which the client has written every word.
   *
   * @throws ProtocolError as the server may have it
   */
  async #answerOf(
    answering: Promise<Result>,
    context: CallContext,
    record: CallRecord,
  ): Promise<Result> {
    try {
      return await answering;
    } catch (error) {
      if (!(error instanceof ProtocolError)) {
        // Of the portal itself, and not for a server to read.
        throw new ProtocolError(
          ProtocolErrorCode.InternalError,
          'The client did not answer',
        );
      }
      const { message, data } = error;
      const inspected = await this.#guards.inspectFurther(
        { message, data },
        context,
      );
      record.inspected(inspected.findings);
      throw inspected.blocked
        ? notPassedOn('answer')
        : new ProtocolError(
            error.code,
            inspected.value.message,
            inspected.value.data,
          );
    }
  }

  #outputProblem(
    call: PortalCall,
    target: ViewedDefinition,
    result: Result,
  ): string | undefined {
    if (
      call.action !== 'tools/call' ||
      result.isError === true ||
      isInputRequiredResult(result) ||
      target.definition.outputSchema === undefined
    ) {
      return undefined;
    }
    return this.#schemas.problemOf(
      `${target.pin} out`,
      target.definition.outputSchema,
      result.structuredContent,
    );
  }
}

function mayNotLeave(what: string, summary: string): CallRefusal {
  return new CallRefusal(
    'guardrails.arguments',
    `The ${what} may not leave the portal: ${summary}. Leave that out and call again`,
  );
}

/** For the server: it is not told what was found. */
function notPassedOn(what: string): ProtocolError {
  return new ProtocolError(
    ProtocolErrorCode.InvalidRequest,
    `The portal does not pass this ${what} on`,
  );
}

/** Which guardrails look at what goes to a target, and comes from it. */
function contextOf(call: PortalCall, target: ViewedDefinition): CallContext {
  return {
    portal: call.portal.name,
    server: target.server.name,
    target: target.key,
  };
}
