import fc from 'fast-check';
import { Aliases } from './Aliases';
import { exposedName } from './identifiers';
import { promptNames, toolNames } from './NamingStrategy';
import { OriginalNaming } from './OriginalNaming';
import { PrefixedNaming } from './PrefixedNaming';

const naming = new PrefixedNaming({ aliases: new Aliases({}) });

const RESERVED_WORDS = ['class', 'await', 'new', 'constructor', '__proto__'];

const servers = fc.stringMatching(/^[a-z][A-Za-z0-9]{0,23}$/);
/** Names of every kind: ordinary, close to each other, of any character, and long. */
const toolText = fc.oneof(
  fc.stringMatching(/^[a-z_]{1,12}$/),
  fc.stringMatching(/^[ab][._ -][ab]$/),
  fc.stringMatching(/^[a-z]{1,3}_[0-9a-f]{8}$/),
  fc.string({ unit: 'binary', maxLength: 128 }),
  fc.stringMatching(/^[a-z_.-]{100,128}$/),
  fc.constantFrom(...RESERVED_WORDS, '', '.', '-', '_'),
  // A tool may be named like the name that the portal made of another one.
  fc
    .stringMatching(/^[ab][.-][ab]$/)
    .map(name => exposedName('s', name).slice('s_'.length)),
);
const tools = fc.record({ server: servers, name: toolText });

describe('names of tools', () => {
  it.each([
    ['gitlab', 'list_projects', 'gitlab_list_projects'],
    ['gitLab2', 'listProjects', 'gitLab2_listProjects'],
    ['gitlab', 'projects.list', 'gitlab_projects_list'],
    ['gitlab', 'projects-list', 'gitlab_projects_list'],
    ['gitlab', 'projects list', 'gitlab_projects_list_d35ff720'],
    ['gitlab', 'x-0badcafe', 'gitlab_x_0badcafe_e04b8fa8'],
    ['gitlab', 'class', 'gitlab_class'],
    ['gitlab', 'x_0badcafe', 'gitlab_x_0badcafe_7165f754'],
  ])('of %s, "%s" is %s', (server, name, expected) => {
    expect(naming.toolName({ server, name })).toBe(expected);
  });

  it('are identifiers of at most 64 characters that begin with their server', () => {
    fc.assert(
      fc.property(tools, ({ server, name }) => {
        const exposed = naming.toolName({ server, name });
        expect(exposed).toMatch(/^[a-z]\w{0,63}$/);
        expect(exposed.split('_')[0]).toBe(server);
        // Throws unless it can name a variable in strict code.
        expect(
          // eslint-disable-next-line no-new-func
          () => new Function(`'use strict'; let ${exposed};`),
        ).not.toThrow();
        expect(exposed in {}).toBe(false);
      }),
    );
  });

  it('do not collide, and do not depend on tools that are written otherwise', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(tools, {
          maxLength: 60,
          selector: ({ server, name }) => `${server}.${name}`,
        }),
        all => {
          const names = toolNames(all, naming);
          expect(names.size).toBe(all.length);
          const plain = ({ server, name }: { server: string; name: string }) =>
            `${server}.${name.replace(/[-.]/g, '_')}`;
          for (const [name, tool] of names) {
            const alike = all.filter(other => plain(other) === plain(tool));
            expect([...toolNames(alike, naming).keys()]).toContain(name);
          }
        },
      ),
    );
  });

  it('are kept by the tool that is really called so, whatever its server adds', () => {
    const snake = { server: 's', name: 'get_sum' };
    const kebab = { server: 's', name: 'get-sum' };
    expect([...toolNames([kebab], naming).keys()]).toEqual(['s_get_sum']);
    const names = toolNames([kebab, snake], naming);
    expect(names.get('s_get_sum')).toBe(snake);
    expect([...names.keys()][0]).toMatch(/^s_get_sum_[0-9a-f]{8}$/);
  });

  it('tell apart halves of surrogate pairs, which UTF-8 cannot', () => {
    const name = (text: string) => naming.toolName({ server: 's', name: text });
    expect(name('\ud800')).not.toBe(name('\ud801'));
  });

  it('are given to neither of two tools that would share one', () => {
    const tool = { server: 'a', name: 'x' };
    const other = { server: 'a', name: 'y' };
    expect([...toolNames([tool, other, { ...tool }], naming)]).toEqual([
      ['a_y', other],
    ]);
    expect([...promptNames([tool, other, tool, tool], naming).keys()]).toEqual([
      'a_y',
    ]);
  });
});

describe('an alias', () => {
  const tool = { server: 'gitlab', name: 'projects.list' };

  it('names the tool, and never another one that would have the name', () => {
    const aliased = new PrefixedNaming({
      aliases: new Aliases({ 'gitlab.projects.list': 'all_projects' }),
    });
    const homonym = { server: 'all', name: 'projects' };
    const names = toolNames([homonym, tool], aliased);
    expect(names.get('all_projects')).toBe(tool);
    expect([...names.keys()]).toEqual([
      expect.stringMatching(/^all_projects_[0-9a-f]{8}$/),
      'all_projects',
    ]);
    expect(aliased.promptName(tool)).toBe(naming.promptName(tool));
  });

  it.each([
    ['gitlab', 'x', 'is not <server>.<tool>'],
    ['git_lab.list', 'x', 'is not <server>.<tool>'],
    ['gitlab.list', 7, 'has to begin with a letter'],
    ['gitlab.list', 'two words', 'has to begin with a letter'],
    ['gitlab.list', 'größe', 'has to begin with a letter'],
    ['gitlab.list', '_x', 'has to begin with a letter'],
    ['gitlab.list', 'x'.repeat(65), 'longer than 64'],
    ['gitlab.list', 'delete', 'meaning of its own in JavaScript'],
    ['gitlab.list', 'then', 'meaning of its own in JavaScript'],
    ['gitlab.list', 'constructor', 'meaning of its own in JavaScript'],
    ['gitlab.list', 'portal_list_servers', 'begins with "portal_"'],
    ['gitlab.list', 'x_0badcafe', 'eight hex digits'],
  ])('of %s cannot be %j: %s', (key, alias, message) => {
    expect(() => new Aliases({ [key]: alias })).toThrow(message);
  });

  it('is given once', () => {
    expect(
      () => new Aliases({ 'gitlab.list': 'find', 'github.list': 'find' }),
    ).toThrow('"gitlab.list" and "github.list" have the same alias "find"');
  });
});

describe('original names', () => {
  const original = new OriginalNaming();

  it('are the server’s own, in a portal of one server', () => {
    const definition = { server: 'only', name: 'a.b-c' };
    expect(original.toolName(definition)).toBe('a.b-c');
    expect(original.promptName(definition)).toBe('a.b-c');
    expect(original.resourceUri('only', 'test://x')).toBe('test://x');
    expect(original.resourceOf('test://x', ['only'])).toEqual({
      server: 'only',
      uri: 'test://x',
    });
    expect(original.resourceOf('test://x', ['one', 'two'])).toBeUndefined();
  });
});
