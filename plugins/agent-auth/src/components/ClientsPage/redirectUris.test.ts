/* eslint-disable no-script-url -- they are what must be refused */
import { findRedirectProblem, parseRedirectUris } from './redirectUris';

describe('redirect URIs', () => {
  it('are read one a line, each once', () => {
    expect(
      parseRedirectUris(' https://a.example/cb \n\nhttps://a.example/cb\nb:/c'),
    ).toEqual(['https://a.example/cb', 'b:/c']);
  });

  it.each([
    'https://ide.example.com/callback',
    'http://127.0.0.1/callback',
    'http://localhost:3000/callback',
    'http://[::1]/callback',
    'cursor://anysphere.cursor-mcp/oauth/callback',
  ])('may be %s', uri => {
    expect(findRedirectProblem([uri])).toBeUndefined();
  });

  it.each([
    ['callback', 'is not an absolute URL'],
    ['http://ide.example.com/callback', 'has to be https'],
    ['http://localhost.evil.example/callback', 'has to be https'],
    ['https://ide.example.com/#callback', 'has a fragment'],
    ['javascript:alert(1)', 'has a scheme that is not safe'],
  ])('may not be %s, which %s', (uri, problem) => {
    expect(findRedirectProblem(['https://fine.example', uri])).toContain(
      `${uri} ${problem}`,
    );
  });
});
