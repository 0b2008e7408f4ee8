import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { someFacts } from '../__testUtils__/FakeAgentAuth';
import { Plugins, startPlugins, until } from '../__testUtils__/startPlugins';

const ada = someFacts().principal;

const credentialsOf = (plugins: Plugins, token: string) =>
  plugins.within(token, caller => caller.backstageCredentials());

const userOf = (credentials: BackstageCredentials) =>
  (credentials.principal as { userEntityRef?: string }).userEntityRef;

it('acts for the user, with credentials that are asked for once', async () => {
  const plugins = await startPlugins();
  plugins.agentAuth.issue('token');
  const all = await plugins.within('token', caller =>
    Promise.all([
      caller.backstageCredentials(),
      caller.backstageCredentials(),
      caller.backstageCredentials(),
    ]),
  );
  expect(all.map(userOf)).toEqual(Array(3).fill('user:default/ada'));
  expect(userOf(await credentialsOf(plugins, 'token'))).toBe(ada.entityRef);
  expect(plugins.agentAuth.credentialRequests).toEqual([
    { by: 'alpha', connectionId: 'connection-1' },
  ]);
});

it('never mixes users up', async () => {
  const plugins = await startPlugins();
  plugins.agentAuth.issue('of-ada', { connectionId: 'a' });
  plugins.agentAuth.issue('of-bob', {
    connectionId: 'b',
    principal: { ...ada, entityRef: 'user:default/bob', uuid: 'bob' },
  });
  for (const [token, ref] of [
    ['of-ada', 'user:default/ada'],
    ['of-bob', 'user:default/bob'],
    ['of-ada', 'user:default/ada'],
  ]) {
    expect(userOf(await credentialsOf(plugins, token))).toBe(ref);
  }

  plugins.agentAuth.issue('of-eve', {
    connectionId: 'e',
    principal: { ...ada, entityRef: 'user:default/eve', uuid: 'eve' },
  });
  plugins.agentAuth.credentialsFor = 'user:default/ada';
  await expect(credentialsOf(plugins, 'of-eve')).rejects.toMatchObject({
    name: 'AuthenticationError',
    message: expect.stringContaining('of somebody else'),
  });
});

it('acts for a service with the credentials of the plugin', async () => {
  const plugins = await startPlugins();
  plugins.agentAuth.issue('token', { principal: { ...ada, kind: 'service' } });
  const { principal } = await credentialsOf(plugins, 'token');
  expect(principal).toMatchObject({
    type: 'service',
    subject: 'plugin:alpha',
  });
  expect(plugins.agentAuth.credentialRequests).toEqual([]);
});

it('asks anew a minute before the credentials expire', async () => {
  const plugins = await startPlugins();
  plugins.agentAuth.credentialsLifetimeMs = 60_300;
  plugins.agentAuth.issue('token');
  await credentialsOf(plugins, 'token');
  await credentialsOf(plugins, 'token');
  expect(plugins.agentAuth.credentialRequests).toHaveLength(1);
  await new Promise(resolve => setTimeout(resolve, 320));
  await credentialsOf(plugins, 'token');
  expect(plugins.agentAuth.credentialRequests).toHaveLength(2);
});

it('says what to do when the sign-in of the user has ended, and tries again next time', async () => {
  const plugins = await startPlugins();
  plugins.agentAuth.issue('token');
  plugins.agentAuth.credentialsFor = null;
  for (const count of [1, 2]) {
    await expect(credentialsOf(plugins, 'token')).rejects.toMatchObject({
      name: 'AuthenticationError',
      message:
        "The portal's sign-in of this user has ended. Connect the client again",
    });
    expect(plugins.agentAuth.credentialRequests).toHaveLength(count);
  }
  plugins.agentAuth.credentialsFor = undefined;
  expect(userOf(await credentialsOf(plugins, 'token'))).toBe(ada.entityRef);
});

it('fails, rather than acting as somebody else, while agent-auth does not answer', async () => {
  const plugins = await startPlugins();
  plugins.agentAuth.issue('token');
  await plugins.callerOf('token');
  for (const mode of ['down', 'confused'] as const) {
    plugins.agentAuth.mode = mode;
    await expect(credentialsOf(plugins, 'token')).rejects.toMatchObject({
      name: 'ServiceUnavailableError',
    });
  }
});

it('forgets credentials that came by a connection that is revoked', async () => {
  const plugins = await startPlugins({ timings: { pollMs: 50 } });
  plugins.agentAuth.issue('one', { connectionId: 'c1' });
  plugins.agentAuth.issue('two', { connectionId: 'c2' });
  await credentialsOf(plugins, 'one');
  await credentialsOf(plugins, 'two');
  expect(plugins.agentAuth.credentialRequests).toHaveLength(1);
  plugins.agentAuth.revokeConnection('c1');
  await until(
    async () => (await plugins.send({ token: 'one' })).status === 401,
  );
  await credentialsOf(plugins, 'two');
  expect(plugins.agentAuth.credentialRequests).toEqual([
    { by: 'alpha', connectionId: 'c1' },
    { by: 'alpha', connectionId: 'c2' },
  ]);
});
