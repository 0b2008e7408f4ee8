import { requestHeaders } from './requestHeaders';
import { responseHeaders } from './responseHeaders';

describe('requestHeaders', () => {
  it('holds back whatever tells of people, machines and tokens', () => {
    expect(
      requestHeaders('openai', {
        authorization: 'Bearer token',
        'x-api-key': 'token',
        'x-goog-api-key': 'token',
        cookie: 'session=1',
        host: 'portal.example.com',
        'cf-access-token': 'jwt',
        'cf-access-jwt-assertion': 'jwt',
        'x-forwarded-for': '192.0.2.1',
        'x-codex-turn-metadata': '{"cwd":"/home/ada/secret"}',
        'x-stainless-os': 'Linux',
        'user-agent': 'codex (Ubuntu 24.04; x86_64) xterm',
        'openai-organization': 'org-of-somebody',
        'openai-project': 'proj',
        dpop: 'proof',
        forwarded: 'for=192.0.2.1',
      }),
    ).toEqual({ 'accept-encoding': 'identity', 'user-agent': 'ai-proxy' });
  });

  it('forwards what the API needs, as it is', () => {
    expect(
      requestHeaders(
        'anthropic',
        {
          accept: 'text/event-stream',
          'content-type': 'application/json',
          'anthropic-version': '2023-06-01',
          'anthropic-beta': 'claude-code-1,prompt-caching-scope-1',
          'anthropic-dangerous-direct-browser-access': 'true',
          'anthropic-user-profile-id': 'somebody',
          'anthropic-workspace-id': 'wrkspc_1',
          'openai-beta': 'x',
          'x-team': 'blue',
        },
        ['x-team'],
      ),
    ).toEqual({
      'accept-encoding': 'identity',
      'user-agent': 'ai-proxy',
      accept: 'text/event-stream',
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'claude-code-1,prompt-caching-scope-1',
      'x-team': 'blue',
    });
  });
});

describe('responseHeaders', () => {
  it('keeps streams from being compressed, and the directives of the provider', () => {
    expect(responseHeaders({}, 'id')['cache-control']).toContain(
      'no-transform',
    );
    expect(
      responseHeaders({ 'cache-control': 'no-cache' }, 'id')['cache-control'],
    ).toBe('no-cache, no-transform');
    expect(
      responseHeaders({ 'cache-control': 'no-transform,private' }, 'id')[
        'cache-control'
      ],
    ).toBe('no-transform,private');
  });

  it('holds back what the provider says belongs to the connection', () => {
    const headers = {
      connection: 'keep-alive, X-Hop',
      'x-hop': '1',
      'x-a': '2',
    };
    expect(responseHeaders(headers, 'id')).toEqual({
      'cache-control': 'no-store, no-transform',
      'x-a': '2',
      'x-ai-proxy-request-id': 'id',
    });
  });

  it('holds back cookies and the account behind the key', () => {
    expect(
      responseHeaders(
        {
          'content-type': 'text/event-stream',
          'set-cookie': ['__cf_bm=x'],
          'access-control-allow-headers': '*',
          'openai-organization': 'acme',
          'transfer-encoding': 'chunked',
          location: 'https://elsewhere.example',
          'retry-after': '3',
          'request-id': 'req_1',
        },
        'id',
      ),
    ).toEqual({
      'cache-control': 'no-store, no-transform',
      'content-type': 'text/event-stream',
      'retry-after': '3',
      'request-id': 'req_1',
      'x-ai-proxy-request-id': 'id',
    });
  });
});
