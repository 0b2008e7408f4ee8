import {
  actionsRegistryServiceFactory,
  actionsServiceFactory,
} from '@backstage/backend-defaults/alpha';
import mcpActionsPlugin from '@backstage/plugin-mcp-actions-backend';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import agentAuthPlugin from '@prompt-corner/plugin-agent-auth-backend';
import { connect } from '../__testUtils__/connect';
import {
  realAuth,
  realAuthConfig,
  signIn,
} from '@prompt-corner/backend-testing';
import { startPortal } from '../__testUtils__/startPortal';

jest.setTimeout(120_000);

describe('the tools as Backstage actions', () => {
  it('are served by the MCP actions plugin too, in the same backend, with the same answers', async () => {
    const portal = await startPortal({
      agentAuth: agentAuthPlugin,
      features: [
        ...realAuth,
        actionsRegistryServiceFactory,
        actionsServiceFactory,
        mcpActionsPlugin,
      ],
      config: {
        ...realAuthConfig,
        backend: {
          baseUrl: 'http://localhost',
          actions: { pluginSources: ['catalog-mcp'] },
        },
      },
    });
    const authorization = await signIn(portal.url, 'user:default/linus');
    const client = new Client({ name: 'test', version: '1.0.0' });
    await client.connect(
      new StreamableHTTPClientTransport(
        new URL(`${portal.url}/api/mcp-actions/v1`),
        { requestInit: { headers: { authorization } } },
      ),
    );
    const own = await connect(portal, authorization);

    const { tools: actions } = await client.listTools();
    const { tools } = await own.client.listTools();
    expect(actions.map(({ name }) => name).sort()).toEqual(
      tools
        .map(({ name }) => `catalog-mcp.${name.replaceAll('_', '-')}`)
        .sort(),
    );
    for (const { annotations } of actions) {
      expect(annotations).toMatchObject({
        readOnlyHint: true,
        destructiveHint: false,
        idempotentHint: true,
      });
    }
    const input = { ref: 'payments' };
    const answer = await client.callTool({
      name: 'catalog-mcp.get-owner',
      arguments: input,
    });
    const [{ text }] = answer.content as Array<{ text: string }>;
    expect(JSON.parse(text)).toEqual(await own.ask('get_owner', input));
    await client.close();

    // Each of the two has its own document, though both are below one path.
    for (const plugin of ['catalog-mcp', 'mcp-actions']) {
      const document = await fetch(
        `${portal.url}/.well-known/oauth-protected-resource/api/${plugin}/v1`,
      );
      expect((await document.json()).resource).toBe(
        `${portal.url}/api/${plugin}/v1`,
      );
    }
  });
});
