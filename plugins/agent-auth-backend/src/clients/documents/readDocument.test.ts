/* eslint-disable no-script-url -- such URLs are tried in order to be refused */
import { InputError } from '@backstage/errors';
import { generateKeyPairSync } from 'node:crypto';
import { readDocument } from './readDocument';

const id = new URL('https://agent.example/client.json');

const minimal = {
  client_id: id.href,
  redirect_uris: ['http://127.0.0.1/callback'],
};

const keyPair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const publicKey = { ...keyPair.publicKey.export({ format: 'jwk' }), kid: '1' };
const privateKey = keyPair.privateKey.export({ format: 'jwk' });

function read(
  changes: object,
  fetchKeys: (url: URL) => Promise<unknown> = async () => {
    throw new Error('Nothing is to be fetched');
  },
) {
  return readDocument({ ...minimal, ...changes }, id, fetchKeys);
}

describe('a client metadata document', () => {
  it('becomes metadata of a public client with what it does not say filled in', async () => {
    await expect(read({})).resolves.toEqual({
      client_id: id.href,
      redirect_uris: ['http://127.0.0.1/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      application_type: 'native',
      token_endpoint_auth_method: 'none',
    });
  });

  it('keeps what is known and drops everything else', async () => {
    await expect(
      read({
        client_name: 'Agent',
        client_uri: 'https://agent.example/about',
        logo_uri: 'https://tracker.example/pixel',
        redirect_uris: ['https://agent.example/cb', 'https://agent.example/cb'],
        grant_types: [
          'client_credentials',
          'urn:ietf:params:oauth:grant-type:device_code',
          'authorization_code',
          'implicit',
        ],
        response_types: ['token', 'code'],
        application_type: 'native',
        scope: 'admin',
        request_uris: ['http://169.254.169.254/'],
        sector_identifier_uri: 'http://169.254.169.254/',
        backchannel_logout_uri: 'http://169.254.169.254/',
        jwks_uri: 'http://169.254.169.254/',
        ['__proto__']: { polluted: true },
      }),
    ).resolves.toEqual({
      client_id: id.href,
      client_name: 'Agent',
      client_uri: 'https://agent.example/about',
      redirect_uris: ['https://agent.example/cb'],
      grant_types: [
        'authorization_code',
        'urn:ietf:params:oauth:grant-type:device_code',
      ],
      response_types: ['code'],
      application_type: 'web',
      token_endpoint_auth_method: 'none',
    });
  });

  it.each([
    ['another id', { client_id: 'https://agent.example/other' }],
    ['no id', { client_id: undefined }],
    [
      'an id with another spelling',
      { client_id: 'https://AGENT.example/client.json' },
    ],
    ['a secret', { client_secret: 's3cret' }],
    ['an expiry of a secret', { client_secret_expires_at: 0 }],
    ['an empty secret', { client_secret: null }],
    [
      'a secret in the request',
      { token_endpoint_auth_method: 'client_secret_post' },
    ],
    [
      'a secret in the header',
      { token_endpoint_auth_method: 'client_secret_basic' },
    ],
    [
      'a secret in a signature',
      { token_endpoint_auth_method: 'client_secret_jwt' },
    ],
    ['a method that is no text', { token_endpoint_auth_method: ['none'] }],
    ['a name that is no text', { client_name: { toString: 'x' } }],
    ['a long name', { client_name: 'x'.repeat(101) }],
    ['no usable grant', { grant_types: ['client_credentials'] }],
    ['a refresh token alone', { grant_types: ['refresh_token'] }],
    ['grants that are no list', { grant_types: 'authorization_code' }],
    ['no code as response', { response_types: ['token'] }],
    ['no keys', { token_endpoint_auth_method: 'private_key_jwt' }],
    [
      'a private key',
      {
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [privateKey] },
      },
    ],
    [
      'a symmetric key',
      {
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] },
      },
    ],
    [
      'an unknown key',
      {
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [{ kty: 'constructor' }] },
      },
    ],
    [
      'keys at two places',
      {
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [publicKey] },
        jwks_uri: 'https://agent.example/jwks',
      },
    ],
    [
      'keys on another host',
      {
        token_endpoint_auth_method: 'private_key_jwt',
        jwks_uri: 'https://agent.example.evil.com/jwks',
      },
    ],
    [
      'keys on another port',
      {
        token_endpoint_auth_method: 'private_key_jwt',
        jwks_uri: 'https://agent.example:22/jwks',
      },
    ],
    [
      'keys without encryption',
      {
        token_endpoint_auth_method: 'private_key_jwt',
        jwks_uri: 'http://agent.example/jwks',
      },
    ],
  ])('is refused with %s', async (_, changes) => {
    await expect(read(changes)).rejects.toThrow(InputError);
  });

  it.each([[null], [[minimal]], ['text'], [1]])(
    'is refused when it is %j',
    async document => {
      await expect(
        readDocument(document, id, async () => undefined),
      ).rejects.toThrow('no JSON object');
    },
  );

  it.each([
    ['https://agent.example/cb', 'web'],
    ['https://agent.example/cb?x=1', 'web'],
    ['http://localhost:1234/cb', 'native'],
    ['http://127.0.0.1/cb', 'native'],
    ['http://[::1]:9/cb', 'native'],
    ['com.example.agent:/cb', 'native'],
    ['cursor://anysphere.cursor-mcp/oauth/callback', 'native'],
    ['vscode://vscode.github-authentication/did-authenticate', 'native'],
  ])('may redirect to %s, which makes it %s', async (uri, type) => {
    await expect(read({ redirect_uris: [uri] })).resolves.toMatchObject({
      redirect_uris: [uri],
      application_type: type,
    });
  });

  it.each([
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    'java\nscript:alert(1)',
    ' javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'vbscript:x',
    'blob:https://agent.example/x',
    'about:blank',
    'filesystem:https://agent.example/x',
    'intent://agent.example/#Intent;end',
    'ms-settings:privacy',
    'view-source:https://agent.example/cb',
    'http://agent.example/cb',
    'http://localhost.evil.com/cb',
    'http://127.0.0.1.evil.com/cb',
    'http://127.0.0.2/cb',
    'http://0.0.0.0/cb',
    'https://localhost/cb',
    'https://user:password@agent.example/cb',
    'http://localhost@evil.com/cb',
    'http:\\\\evil.com',
    'https://agent.example/cb#fragment',
    'https://agent.example/cb#',
    'https://ag\u202eent.example/cb',
    '/cb',
    '',
    `https://agent.example/${'x'.repeat(2_000)}`,
    { toString: () => 'https://agent.example/cb' },
    null,
  ])('may not redirect to %p', async uri => {
    await expect(
      read({ redirect_uris: ['https://agent.example/cb', uri] }),
    ).rejects.toThrow('redirect_uris[1]');
  });

  it.each([
    ['no list', 'https://agent.example/cb'],
    ['an empty list', []],
    ['21 URLs', Array(21).fill('https://agent.example/cb')],
  ])('is refused with %s of redirects', async (_, uris) => {
    await expect(read({ redirect_uris: uris })).rejects.toThrow(InputError);
  });

  it.each([
    ['\u202eedoC edualC\u202c', 'edoC edualC'],
    ['Cla\u200bude\u2066 Code\u2069', 'Claude Code'],
    ['Agent\r\n\u0000\u001b[31mtrusted', 'Agent [31mtrusted'],
    ['x'.repeat(100) + '\u200e'.repeat(50), 'x'.repeat(100)],
    ['\ud800Agent', 'Agent'],
    ['Zürich 助手', 'Zürich 助手'],
  ])('shows the name %j as %j', async (name, shown) => {
    await expect(read({ client_name: name })).resolves.toMatchObject({
      client_name: shown,
    });
  });

  it('has no name when nothing visible is left of it', async () => {
    await expect(
      read({ client_name: '\u202e \u200b' }),
    ).resolves.not.toHaveProperty('client_name');
  });

  it.each([
    'http://agent.example/',
    'https://agent.example.evil.com/',
    'https://agent.example@evil.com/',
    'javascript:alert(1)',
    7,
  ])('cannot lend itself the home page %p', async uri => {
    await expect(read({ client_uri: uri })).resolves.not.toHaveProperty(
      'client_uri',
    );
  });

  it('may sign with keys in it, of which only the public parts are kept', async () => {
    const document = await read({
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: {
        keys: [
          { ...publicKey, x5u: 'http://169.254.169.254/' },
          { kty: 'unknown' },
        ],
      },
    });

    expect(document.token_endpoint_auth_method).toBe('private_key_jwt');
    expect(document.jwks).toEqual({ keys: [publicKey] });
  });

  it('may sign with keys beside it, which are fetched at once', async () => {
    const fetchKeys = jest.fn().mockResolvedValue({ keys: [publicKey] });

    const document = await read(
      {
        token_endpoint_auth_method: 'private_key_jwt',
        jwks_uri: 'https://agent.example/jwks',
      },
      fetchKeys,
    );

    expect(fetchKeys).toHaveBeenCalledWith(
      new URL('https://agent.example/jwks'),
    );
    expect(document.jwks).toEqual({ keys: [publicKey] });
    expect(document).not.toHaveProperty('jwks_uri');
  });
});
