import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import {
  realAuth,
  realAuthConfig,
  signIn,
} from '@prompt-corner/backend-testing';
import { callTool } from '../__testUtils__/callTool';
import {
  exampleOrganisation,
  Portal,
  startPortal,
} from '../__testUtils__/startPortal';

jest.setTimeout(120_000);

/** A plugin that gives out the token with which it asks the catalog server for a user. */
const askingPlugin = (pluginId: string) =>
  createBackendPlugin({
    pluginId,
    register(env) {
      env.registerInit({
        deps: {
          auth: coreServices.auth,
          httpAuth: coreServices.httpAuth,
          httpRouter: coreServices.httpRouter,
        },
        async init({ auth, httpAuth, httpRouter }) {
          httpRouter.use(async (request, response) => {
            const { token } = await auth.getPluginRequestToken({
              onBehalfOf: await httpAuth.credentials(request, {
                allow: ['user'],
              }),
              targetPluginId: 'catalog-mcp',
            });
            response.json({ token });
          });
        },
      });
    },
  });

describe('where tokens of Backstage are not accepted', () => {
  let portal: Portal;
  let linus: string;

  beforeAll(async () => {
    portal = await startPortal({
      entities: exampleOrganisation().filter(({ kind }) =>
        ['User', 'Group'].includes(kind),
      ),
      features: [
        ...realAuth,
        askingPlugin('mcp-portal'),
        askingPlugin('another'),
      ],
      config: {
        ...realAuthConfig,
        catalogMcp: { acceptBackstageTokens: undefined },
      },
    });
    linus = await signIn(portal.url, 'user:default/linus');
  });

  const tokenOf = async (pluginId: string) => {
    const response = await fetch(`${portal.url}/api/${pluginId}`, {
      headers: { authorization: linus },
    });
    return (await response.json()).token;
  };

  it('lets the MCP portal in, with the rights of the user for whom it asks', async () => {
    const answer = await callTool(portal, {
      authorization: `Bearer ${await tokenOf('mcp-portal')}`,
    });
    expect(await answer.text()).toContain('group:default/payments-team');
  });

  it('lets no other plugin in, and not the user', async () => {
    for (const authorization of [`Bearer ${await tokenOf('another')}`, linus]) {
      expect((await callTool(portal, { authorization })).status).toBe(401);
    }
  });
});
