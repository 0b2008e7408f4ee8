/* eslint-disable no-script-url -- such URLs are tried in order to be refused */
import { InputError } from '@backstage/errors';
import type { RegisteredClient } from '@prompt-corner/plugin-agent-auth-common';
import { builtInClients } from './builtInClients';
import { toClientMetadata } from './toClientMetadata';

const editor: RegisteredClient = {
  id: 'editor',
  name: 'Editor',
  redirectUris: ['https://editor.example/callback'],
  deviceFlow: false,
  confidential: true,
  fromConfig: true,
};

const serviceResources = [{ audience: 'catalog', scopes: ['catalog:read'] }];

const read = (changes: Partial<RegisteredClient>) =>
  toClientMetadata({ ...editor, ...changes }, 'hash');

describe('a client whom an administrator registers', () => {
  it('becomes metadata, with the client credentials grant for a service only', () => {
    expect(read({})).toEqual({
      client_id: 'editor',
      client_name: 'Editor',
      application_type: 'web',
      redirect_uris: ['https://editor.example/callback'],
      response_types: ['code'],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'client_secret_basic',
      client_secret: 'hash',
    });
    expect(
      read({
        redirectUris: [],
        serviceResources,
        entityRef: 'component:default/release-bot',
      }),
    ).toMatchObject({ grant_types: ['client_credentials'] });
  });

  it('can be each of those that come with the product', () => {
    expect(
      builtInClients.map(client => toClientMetadata(client).client_id),
    ).toEqual(builtInClients.map(({ id }) => id));
  });

  it.each([
    'component:default/release-bot',
    'Component:default/Release_bot.2',
    'resource:ci/userland',
  ])('may act as %s', entityRef => {
    expect(read({ entityRef, serviceResources })).toBeDefined();
  });

  it.each([
    ['user:default/ada', 'a person or team'],
    ['USER:default/ada', 'a person or team'],
    ['group:default/platform', 'a person or team'],
    ['user:ada', 'full entity ref'],
    ['ada', 'full entity ref'],
    ['component:release-bot', 'full entity ref'],
    ['default/release-bot', 'full entity ref'],
    ['component:default/a/b', 'full entity ref'],
    ['component:default/user:default/ada', 'full entity ref'],
    [' user:default/ada', 'full entity ref'],
    ['component:default/x\n', 'full entity ref'],
    ['component:default/x\u0000', 'full entity ref'],
    ['', 'full entity ref'],
  ])('may not act as %j', (entityRef, message) => {
    const withResources = () => read({ entityRef, serviceResources });
    expect(withResources).toThrow(InputError);
    expect(withResources).toThrow(message);
    expect(() => read({ entityRef })).toThrow(message);
  });

  it.each([
    ['http://127.0.0.1/callback', 'native'],
    ['http://[::1]:9/callback', 'native'],
    ['cursor://anysphere.cursor-mcp/oauth/callback', 'native'],
    ['https://editor.example/callback?tenant=1', 'web'],
  ])('may redirect to %s, which makes it %s', (uri, type) => {
    expect(read({ redirectUris: [uri] })).toMatchObject({
      redirect_uris: [uri],
      application_type: type,
    });
  });

  it.each([
    'http://editor.example/callback',
    'http://localhost.evil.example/callback',
    'http://localhost@evil.example/callback',
    'https://localhost/callback',
    'https://editor.example/callback#x',
    'HTTP://evil.example/callback',
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    'intent://editor.example/#Intent;end',
    'ms-settings:privacy',
    'filesystem:https://editor.example/x',
    'view-source:https://editor.example/',
    '/callback',
  ])('may not redirect to %s', uri => {
    const wrong = () => read({ redirectUris: [...editor.redirectUris, uri] });
    expect(wrong).toThrow(InputError);
    expect(wrong).toThrow('Client "editor": redirectUris[1]');
  });

  it.each([
    ['no name', { name: ' ' }],
    ['a long name', { name: 'x'.repeat(101) }],
    ['a name with a NUL', { name: 'Editor\u0000' }],
    ['a name that turns around', { name: '\u202erotidE' }],
    ['an id with a space', { id: 'my editor' }],
    ['an id with a NUL', { id: 'editor\u0000' }],
    ['a script as home page', { uri: 'javascript:alert(1)' }],
    ['resources and no entity', { serviceResources }],
    [
      'resources and no secret',
      {
        serviceResources,
        entityRef: 'component:default/x',
        confidential: false,
      },
    ],
    ['21 redirects', { redirectUris: Array(21).fill('https://e.example/') }],
  ])('cannot have %s', (_, changes) => {
    expect(() => read(changes)).toThrow(InputError);
  });
});
