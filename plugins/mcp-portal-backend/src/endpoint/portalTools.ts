import type { CallToolResult, Tool } from '@modelcontextprotocol/server';
import type { AuditFinding } from '@prompt-corner/plugin-mcp-portal-common';
import { isApi } from '../apis';
import type { PortalGuards } from '../guards';
import type { ServedServer } from '../registry';
import type { PortalViews, ServerChoices, ViewedTool } from '../views';
import type { PortalRequest } from './PortalRequest';

const LIST: Tool = {
  name: 'portal_list_servers',
  title: 'List MCP servers',
  description:
    'Lists the MCP servers of this portal: which you can use, whether they work, how many tools or operations each has, and which you have switched off.',
  inputSchema: { type: 'object', properties: {}, additionalProperties: false },
  annotations: { readOnlyHint: true, openWorldHint: false },
};

const SWITCH: Tool = {
  name: 'portal_switch_server',
  title: 'Switch an MCP server on or off',
  description:
    'Shows or hides the tools of one MCP server of this portal, for the user only. Ask the user first.',
  inputSchema: {
    type: 'object',
    properties: {
      server: {
        type: 'string',
        description: 'Name of the server, as portal_list_servers has it',
      },
      on: { type: 'boolean', description: 'false hides its tools' },
    },
    required: ['server', 'on'],
    additionalProperties: false,
  },
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
};

/** What one of the portal's own tools answers, and what was found in it. */
export interface OwnAnswer {
  result: CallToolResult;
  findings?: AuditFinding[];
}

/** The portal's own tools: which servers there are, and which of them the caller wants to see. */
export class PortalTools {
  readonly #views: PortalViews;
  readonly #choices: ServerChoices;
  readonly #guards: PortalGuards;

  constructor(options: {
    views: PortalViews;
    choices: ServerChoices;
    guards: PortalGuards;
  }) {
    this.#views = options.views;
    this.#choices = options.choices;
    this.#guards = options.guards;
  }

  /** None in a portal that keeps the names of its one server, and with Code Mode only if asked for. */
  list({ caller, ownTools }: PortalRequest): Tool[] {
    if (!ownTools) {
      return [];
    }
    return caller.kind === 'anonymous' ? [LIST] : [LIST, SWITCH];
  }

  /** Whether it is one that the caller has here. */
  has(request: PortalRequest, name: string): boolean {
    return this.list(request).some(tool => tool.name === name);
  }

  /** @param name - of one that the caller has */
  async call(
    request: PortalRequest,
    name: string,
    args: Record<string, unknown>,
  ): Promise<OwnAnswer> {
    return name === LIST.name
      ? this.#listServers(request)
      : this.#switch(request, args);
  }

  async #listServers({ caller, portal }: PortalRequest): Promise<OwnAnswer> {
    const view = await this.#views.of(caller, portal);
    const findings: AuditFinding[] = [];
    const countOf = (
      definitions: ReadonlyMap<string, ViewedTool>,
      { name }: ServedServer,
    ) =>
      [...definitions.values()].filter(({ server }) => server.name === name)
        .length;
    const servers = view.known.map(server => {
      const about = this.#aboutOf(server, portal.name);
      findings.push(...about.findings);
      return {
        name: server.name,
        ...about.shown,
        state: view.servers.includes(server) ? server.health.state : 'off',
        ...(isApi(server)
          ? { operations: countOf(view.operations, server) }
          : { tools: countOf(view.tools, server) }),
        ...(server.health.state === 'degraded' && {
          note: 'It did not answer lately; its tools may fail. Other servers are not affected',
        }),
      };
    });
    return {
      result: {
        content: [{ type: 'text', text: JSON.stringify({ servers }) }],
        structuredContent: { servers },
      },
      findings,
    };
  }

  /** What its entity says, which whoever may change that says to the model: inspected as answers are. */
  #aboutOf({ name, title, description }: ServedServer, portal: string) {
    const { blocked, value, findings } = this.#guards.inspectMessage(
      { title, description },
      { portal, server: name },
    );
    return { shown: blocked ? { title: name } : value, findings };
  }

  async #switch(
    { caller, portal }: PortalRequest,
    { server, on }: Record<string, unknown>,
  ): Promise<OwnAnswer> {
    const view = await this.#views.of(caller, portal);
    const known = view.known.find(({ name }) => name === server);
    if (!known || typeof on !== 'boolean') {
      const text = `Give "server", a name from ${LIST.name}, and "on", true or false`;
      return { result: { isError: true, content: [{ type: 'text', text }] } };
    }
    await this.#choices.switch(caller, portal.name, known.name, on);
    const text = `${known.name} is ${
      on ? 'on' : 'off'
    } now. List the tools again`;
    return { result: { content: [{ type: 'text', text }] } };
  }
}
