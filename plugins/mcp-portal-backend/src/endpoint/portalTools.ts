import type { CallToolResult, Tool } from '@modelcontextprotocol/server';
import type { PortalViews, ServerChoices } from '../views';
import type { PortalRequest } from './PortalRequest';

const LIST: Tool = {
  name: 'portal_list_servers',
  title: 'List MCP servers',
  description:
    'Lists the MCP servers of this portal: which you can use, whether they work, how many tools each has, and which you have switched off.',
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

/** The portal's own tools: which servers there are, and which of them the caller wants to see. */
export class PortalTools {
  readonly #views: PortalViews;
  readonly #choices: ServerChoices;

  constructor(options: { views: PortalViews; choices: ServerChoices }) {
    this.#views = options.views;
    this.#choices = options.choices;
  }

  /** None in a portal that keeps the names of its one server. */
  list({ caller, portal }: PortalRequest): Tool[] {
    if (!portal.ownTools) {
      return [];
    }
    return caller.kind === 'anonymous' ? [LIST] : [LIST, SWITCH];
  }

  /** @returns undefined when it is no tool of the portal's own */
  async call(
    request: PortalRequest,
    name: string,
    args: Record<string, unknown>,
  ): Promise<CallToolResult | undefined> {
    if (!this.list(request).some(tool => tool.name === name)) {
      return undefined;
    }
    return name === LIST.name
      ? this.#listServers(request)
      : this.#switch(request, args);
  }

  async #listServers({
    caller,
    portal,
  }: PortalRequest): Promise<CallToolResult> {
    const view = await this.#views.of(caller, portal);
    const off = await this.#choices.switchedOff(caller, portal.name);
    const servers = this.#views.serversOf(caller, portal).map(server => ({
      name: server.name,
      title: server.title,
      description: server.description,
      state: off.has(server.name) ? 'off' : server.health.state,
      tools: [...view.tools.values()].filter(
        tool => tool.server.name === server.name,
      ).length,
      ...(server.health.state === 'degraded' && {
        note: 'It did not answer lately; its tools may fail. Other servers are not affected',
      }),
    }));
    return {
      content: [{ type: 'text', text: JSON.stringify({ servers }) }],
      structuredContent: { servers },
    };
  }

  async #switch(
    { caller, portal }: PortalRequest,
    { server, on }: Record<string, unknown>,
  ): Promise<CallToolResult> {
    const known = this.#views
      .serversOf(caller, portal)
      .find(({ name }) => name === server);
    if (!known || typeof on !== 'boolean') {
      return {
        isError: true,
        content: [
          {
            type: 'text',
            text: `Give "server", a name from ${LIST.name}, and "on", true or false`,
          },
        ],
      };
    }
    await this.#choices.switch(caller, portal.name, known.name, on);
    const text = `${known.title} is ${
      on ? 'on' : 'off'
    } now. List the tools again`;
    return { content: [{ type: 'text', text }] };
  }
}
