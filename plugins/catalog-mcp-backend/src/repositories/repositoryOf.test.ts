import fc from 'fast-check';
import { repositoryOf } from './repositoryOf';

describe('repositoryOf', () => {
  const whole = { host: 'github.com', name: 'org/repo', path: '' };
  const nested = {
    host: 'gitlab.example.com',
    name: 'group/sub/repo',
    path: '',
  };

  it.each([
    ['https://github.com/org/repo', whole],
    ['https://github.com/org/repo.git', whole],
    ['https://github.com/Org/Repo/', whole],
    ['http://user:secret@github.com/org/repo.git', whole],
    ['git@github.com:org/repo.git', whole],
    ['git@github.com:org/repo', whole],
    ['ssh://git@github.com/org/repo.git', whole],
    ['ssh://git@github.com:22/org/repo', whole],
    ['git://github.com/org/repo.git', whole],
    ['github.com/org/repo', whole],
    ['  https://github.com/org/repo\n', whole],
    ['org/repo', { host: undefined, name: 'org/repo', path: '' }],
    ['git@gitlab.example.com:group/sub/repo.git', nested],
    ['https://gitlab.example.com/group/sub/repo.git', nested],
    [
      'https://github.com/org/repo/tree/main/services/a',
      { ...whole, path: 'services/a' },
    ],
    [
      'https://github.com/org/repo/blob/main/services/a/index.ts',
      { ...whole, path: 'services/a/index.ts' },
    ],
    [
      'https://gitlab.example.com/group/sub/repo/-/tree/main/lib/',
      { ...nested, path: 'lib' },
    ],
    ['', undefined],
    ['repo', undefined],
    ['not a remote', undefined],
    ['https://', undefined],
    ['../../etc/passwd x', undefined],
    [`https://github.com/org/${'x'.repeat(600)}`, undefined],
  ])('reads %s', (text, expected) => {
    const { host, name, path } = repositoryOf(text) ?? {};
    expect(expected ? { host, name, path } : repositoryOf(text)).toEqual(
      expected,
    );
  });

  it('never throws, and never keeps credentials', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl()), text => {
        const { host = '', name = '' } = repositoryOf(text) ?? {};
        expect(host + name).not.toMatch(/[@?#]/);
      }),
    );
    expect(
      JSON.stringify(repositoryOf('https://u:hunter2@host.example/a/b')),
    ).not.toContain('hunter2');
  });
});
