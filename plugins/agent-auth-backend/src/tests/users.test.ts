import { randomUUID } from 'node:crypto';
import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import {
  AgentAuthService,
  agentAuthServiceRef,
} from '@prompt-corner/plugin-agent-auth-node';
import { callApi } from '../__testUtils__/callApi';
import { Portal, startPortal } from '../__testUtils__/startPortal';

jest.setTimeout(60_000);

describe('a plugin with pages', () => {
  let agentAuth: AgentAuthService;
  let portal: Portal;

  beforeAll(async () => {
    portal = await startPortal({
      features: [
        createBackendPlugin({
          pluginId: 'with-pages',
          register(env) {
            env.registerInit({
              deps: { service: agentAuthServiceRef, root: coreServices.logger },
              async init({ service }) {
                agentAuth = service;
              },
            });
          },
        }),
      ],
    });
  });

  it('learns who its user is everywhere else, and whom to notify', async () => {
    const ada = await agentAuth.userOf('user:default/ada');
    expect(ada).toMatchObject({
      entityRef: 'user:default/ada',
      uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      teams: expect.arrayContaining([
        expect.stringMatching(/^group:default\//),
      ]),
    });
    expect(await agentAuth.userOf('User:Default/Ada')).toEqual(ada);
    expect(await agentAuth.recipientOf(ada.uuid)).toBe('user:default/ada');
  });

  it('learns nothing of who is not in the catalog', async () => {
    await expect(agentAuth.userOf('user:default/nobody')).rejects.toThrow(
      'not in the catalog',
    );
    expect(
      await agentAuth.recipientOf('5f1c0c5e-0000-4000-8000-000000000001'),
    ).toBeUndefined();
  });

  it('learns which of many are in the catalog, and nothing else of them', async () => {
    const { uuid } = await agentAuth.userOf('user:default/ada');
    const others = Array.from({ length: 300 }, () => randomUUID());
    expect(await agentAuth.presentOf([...others, uuid, 'config'])).toEqual(
      new Set([uuid]),
    );
  });

  it('is the only one to learn it: users cannot ask', async () => {
    const { status } = await callApi(
      portal,
      'user:default/ada',
      'POST',
      '/internal/principals',
      { entityRef: 'user:default/ada' },
    );
    expect(status).toBe(403);
  });
});
