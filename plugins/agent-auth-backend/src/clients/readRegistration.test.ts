/* eslint-disable no-script-url -- such URLs are tried in order to be refused */
import type { AdapterPayload } from 'oidc-provider';
import { errors } from 'oidc-provider';
import { readRegistration } from './readRegistration';

const redirectUri = 'https://tool.example:8443/callback';

const minimal: AdapterPayload = {
  client_id: 'x1',
  client_id_issued_at: 1_700_000_000,
  redirect_uris: [redirectUri],
  token_endpoint_auth_method: 'none',
};

const read = (changes: object) => readRegistration({ ...minimal, ...changes });

function refusal(changes: object) {
  try {
    read(changes);
  } catch (error) {
    expect(error).toBeInstanceOf(errors.InvalidClientMetadata);
    const { error: code, error_description } =
      error as errors.InvalidClientMetadata;
    return `${code}: ${error_description}`;
  }
  return 'accepted';
}

describe('a client that registers itself', () => {
  it('is stored with what is known of it, and nothing else', () => {
    expect(
      read({
        client_name: 'To\u200bol\u202e\r\n 2',
        client_uri: 'https://tool.example:8443/about',
        grant_types: [
          'client_credentials',
          'urn:ietf:params:oauth:grant-type:token-exchange',
          'urn:ietf:params:oauth:grant-type:device_code',
          'authorization_code',
        ],
        response_types: ['code'],
        application_type: 'native',
        logo_uri: 'https://tracker.example/pixel',
        jwks_uri: 'http://169.254.169.254/',
        sector_identifier_uri: 'http://169.254.169.254/',
        scope: 'admin',
        contacts: ['a@example.com'],
      }),
    ).toEqual({
      client_id: 'x1',
      client_id_issued_at: 1_700_000_000,
      client_name: 'Tool 2',
      client_uri: 'https://tool.example:8443/about',
      redirect_uris: [redirectUri],
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
    ['http://tool.example:8443/', [redirectUri]],
    ['https://tool.example/', [redirectUri]],
    ['https://claude.ai/', [redirectUri]],
    ['https://localhost/', ['http://localhost/callback']],
    ['https://tool.example/', ['tool://tool.example/callback']],
    ['https://me@tool.example:8443/', [redirectUri]],
  ])('does not get the home page %s with redirects to %j', (uri, redirects) => {
    expect(
      read({ client_uri: uri, redirect_uris: redirects }),
    ).not.toHaveProperty('client_uri');
  });

  it.each([
    'http://tool.example/callback',
    'https://localhost/callback',
    'intent://tool.example/#Intent;end',
    'intent:x',
    'ms-settings:privacy',
    'MS-Settings:privacy',
    'javascript:alert(1)',
    'data:text/html,x',
    'https://tool.example/callback#x',
    'https://me:secret@tool.example/callback',
  ])('may not redirect to %s', uri => {
    expect(refusal({ redirect_uris: [redirectUri, uri] })).toMatch(
      /^invalid_redirect_uri: redirect_uris\[1\] /,
    );
  });

  it.each([
    [
      'invalid_redirect_uri: redirect_uris has 21 URLs; at most 20',
      { redirect_uris: Array(21).fill(redirectUri) },
    ],
    [
      'invalid_redirect_uri: redirect_uris has to be a list',
      { redirect_uris: undefined },
    ],
    [
      'invalid_client_metadata: client_name has 101 characters',
      { client_name: 'x'.repeat(101) },
    ],
    [
      'invalid_client_metadata: grant_types has neither',
      { grant_types: ['client_credentials'] },
    ],
    [
      'invalid_client_metadata: token_endpoint_auth_method must be none',
      { token_endpoint_auth_method: 'private_key_jwt' },
    ],
    [
      'invalid_client_metadata: token_endpoint_auth_method must be none',
      { client_secret: 'x' },
    ],
  ])('is told %j', (message, changes) => {
    expect(refusal(changes)).toContain(message);
  });
});
