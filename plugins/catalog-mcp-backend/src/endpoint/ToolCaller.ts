import type { LoggerService } from '@backstage/backend-plugin-api';
import type { CallToolResult, Tool } from '@modelcontextprotocol/server';
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { CallerCatalog } from '../catalog/CallerCatalog';
import {
  ObservedCall,
  outcomeOf,
  subjectOf,
  ToolTelemetry,
} from '../telemetry/ToolTelemetry';
import type { CatalogTool } from '../tools';
import { runTool } from '../tools/runTool';
import { clip } from '../text/words';
import { messageFor } from '../errors/toolErrors';
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
    agent: ObservedCall['agent'];
    request: ObservedCall['request'];
    client?: string;
  }): Promise<CallToolResult> {
    const { name, input, caller, agent, request, client } = options;
    const tool = this.#tools.get(name);
    if (!tool) {
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        `There is no tool ${clip(name)}; tools/list names them`,
      );
    }
    const { outcome, value, error } = await this.#telemetry.observe(
      {
        tool: name,
        subject: subjectOf(input),
        agent,
        request,
        client,
        credentials: caller.credentials,
      },
      () => outcomeOf(runTool(tool, input, caller)),
    );
    if (value) {
      return {
        content: [{ type: 'text', text: JSON.stringify(value) }],
        structuredContent: value,
      };
    }
    if (outcome === 'failed') {
      this.#logger.error(`Tool ${tool.name} failed`, error);
    }
    return toolError(
      messageFor(error) ??
        'The tool failed for a reason of its own, which is in the log of the portal',
    );
  }
}

function toolError(text: string): CallToolResult {
  return { content: [{ type: 'text', text }], isError: true };
}
