import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { CallToolResult, Tool } from '@modelcontextprotocol/server';
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { CallerCatalog } from '../catalog/CallerCatalog';
import {
  ObservedCall,
  Outcome,
  subjectOf,
  ToolTelemetry,
} from '../telemetry/ToolTelemetry';
import type { CatalogTool } from '../tools';
import { clip } from '../text/words';
import { describeInvalidInput, messageFor } from '../errors/toolErrors';
import { mcpNameOf, toMcpTool } from './toolSchemas';

/** Answers `tools/list` and `tools/call`. */
export class ToolCaller {
  readonly list: Tool[];
  readonly #tools: ReadonlyMap<string, CatalogTool>;
  readonly #telemetry: ToolTelemetry;
  readonly #logger: LoggerService;

  constructor(options: {
    tools: CatalogTool[];
    telemetry: ToolTelemetry;
    logger: LoggerService;
  }) {
    this.list = options.tools.map(toMcpTool);
    this.#tools = new Map(options.tools.map(tool => [mcpNameOf(tool), tool]));
    this.#telemetry = options.telemetry;
    this.#logger = options.logger;
  }

  /**
   * Calls a tool. Whatever goes wrong in it becomes a tool error that the model
   * can read.
   *
   * @throws ProtocolError when there is no such tool
   */
  async call(options: {
    name: string;
    input: unknown;
    caller: CallerCatalog;
    request: ObservedCall['request'];
    client?: string;
  }): Promise<CallToolResult> {
    const { name, input, caller, request, client } = options;
    const tool = this.#tools.get(name);
    if (!tool) {
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        `There is no tool ${clip(name)}; tools/list names them`,
      );
    }
    const { result } = await this.#telemetry.observe(
      {
        tool: name,
        subject: subjectOf(input),
        request,
        client,
        credentials: caller.credentials,
      },
      () => this.#run(tool, input, caller),
    );
    return result;
  }

  async #run(
    tool: CatalogTool,
    input: unknown,
    caller: CallerCatalog,
  ): Promise<{ result: CallToolResult; outcome: Outcome; error?: Error }> {
    const parsed = tool.input.safeParse(input ?? {});
    if (!parsed.success) {
      const message = describeInvalidInput(
        parsed.error,
        input,
        Object.keys(tool.input.shape),
      );
      return {
        result: toolError(message),
        outcome: 'tool_error',
        error: new Error(message),
      };
    }
    try {
      const output = await tool.run(parsed.data, caller);
      return {
        result: {
          content: [{ type: 'text', text: JSON.stringify(output) }],
          structuredContent: output,
        },
        outcome: 'ok',
      };
    } catch (cause) {
      const error = toError(cause);
      const message = messageFor(error);
      if (message === undefined) {
        this.#logger.error(`Tool ${tool.name} failed`, error);
      }
      return {
        result: toolError(
          message ??
            'The tool failed for a reason of its own, which is in the log of the portal',
        ),
        outcome: message === undefined ? 'failed' : 'tool_error',
        error,
      };
    }
  }
}

function toolError(text: string): CallToolResult {
  return { content: [{ type: 'text', text }], isError: true };
}
