import fc from 'fast-check';
import { UriTemplate } from '@modelcontextprotocol/client';
import { Aliases } from './Aliases';
import { PrefixedNaming } from './PrefixedNaming';

const naming = new PrefixedNaming({ aliases: new Aliases({}) });

const servers = fc.uniqueArray(fc.stringMatching(/^[a-z][A-Za-z0-9]{0,23}$/), {
  minLength: 2,
  maxLength: 5,
  selector: name => name.toLowerCase(),
});
const uris = fc.oneof(
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.stringMatching(/^(ui|UI|git\+ssh|docs\+file):(\/\/)?[a-zA-Z0-9/+.]*$/),
);

describe('URIs of resources', () => {
  it.each([
    ['file:///etc/a%20b?c#d', 'docs+file:///etc/a%20b?c#d'],
    ['https://host/x', 'docs+https://host/x'],
    ['urn:isbn:1', 'docs+urn:isbn:1'],
    ['git+ssh://host/x', 'docs+git+ssh://host/x'],
    ['ui://app/main', 'ui://docs/app/main'],
    ['ui:///main', 'ui://docs//main'],
    ['relative/path', 'docs+relative/path'],
  ])('of docs, %s is %s', (uri, expected) => {
    expect(naming.resourceUri('docs', uri)).toBe(expected);
  });

  it('lead back to the server and its own URI, whatever that is', () => {
    fc.assert(
      fc.property(servers, fc.nat(), uris, (names, index, uri) => {
        const server = names[index % names.length];
        const exposed = naming.resourceUri(server, uri);
        expect(naming.resourceOf(exposed, names)).toEqual({ server, uri });
      }),
    );
  });

  it('do not collide among servers', () => {
    fc.assert(
      fc.property(servers, uris, uris, ([one, other], uri, otherUri) => {
        expect(naming.resourceUri(one, uri)).not.toBe(
          naming.resourceUri(other, otherUri),
        );
      }),
    );
  });

  it('survive a client that parses them, which lowers the scheme', () => {
    const exposed = naming.resourceUri('gitLab', 'file:///Readme');
    expect(new URL(exposed).href).toBe(exposed);
    expect(
      naming.resourceOf(exposed.replace('gitlab', 'GITLAB'), ['gitLab']),
    ).toEqual({ server: 'gitLab', uri: 'file:///Readme' });
  });

  it('of others than the portal’s servers are nobody’s', () => {
    expect(naming.resourceOf('docs+file:///a', ['other'])).toBeUndefined();
    expect(naming.resourceOf('ui://docs/a', ['other'])).toBeUndefined();
    expect(naming.resourceOf('file:///a', ['file'])).toBeUndefined();
    expect(naming.resourceOf('ui://', ['ui'])).toBeUndefined();
    // Which of the two, nobody can tell.
    expect(naming.resourceOf('docs+a:b', ['docs', 'dOcs'])).toBeUndefined();
  });
});

describe('templates of resources', () => {
  it.each([
    ['file:///{+path}', { path: 'a/b/c.txt' }, 'file:///a/b/c.txt'],
    ['db://{table}/{id}', { table: 'a b', id: '7' }, 'db://a%20b/7'],
    ['{scheme}://x', { scheme: 'memo' }, 'memo://x'],
    ['ui://{app}/main', { app: 'board' }, 'ui://board/main'],
    ['search://all{?q}', { q: 'x&y' }, 'search://all?q=x%26y'],
  ])('%s expands to the same for clients', (template, variables, expected) => {
    const exposed = naming.resourceUri('docs', template);
    const asked = new UriTemplate(exposed).expand(variables);
    expect(naming.resourceOf(asked, ['docs', 'other'])).toEqual({
      server: 'docs',
      uri: expected,
    });
  });
});
