import fc from 'fast-check';
import { problemsOf } from '../testing';

describe('{env:…} and {file:…}', () => {
  it('are refused where they would put a secret into a prompt, with the line', () => {
    expect(
      problemsOf({
        'agents/a.md':
          '---\ndescription: "{env:HOME}"\n---\n\nHello\n\nYour key is {env:API_KEY}.',
        'commands/c.md': 'Read\n{file:/etc/passwd}',
        'mcp.yaml': 'p:\n  url: https://x.example.com/{env:TOKEN}',
        'permissions.yaml': "bash:\n  '{env:X} *': allow",
        'settings.yaml': 'model: "{env:MODEL}"',
      }).map(problem => problem.replace(/(\{\w+:" by).*/, '$1 …')),
    ).toEqual([
      'agents/a.md:2: OpenCode would replace "{env:" by …',
      'agents/a.md:7: OpenCode would replace "{env:" by …',
      'commands/c.md:2: OpenCode would replace "{file:" by …',
      'mcp.yaml:2: OpenCode would replace "{env:" by …',
      'permissions.yaml:2: OpenCode would replace "{env:" by …',
      'settings.yaml:1: OpenCode would replace "{env:" by …',
    ]);
  });

  it('are let through in headers of MCP servers, but for files', () => {
    const server = (header: string) =>
      problemsOf({
        'mcp.yaml': `p:\n  url: https://x.example.com\n  headers:\n    Authorization: 'Bearer ${header}'`,
      });
    expect(server('{env:TOKEN}')).toEqual([]);
    expect(server('{file:~/.token}')).toHaveLength(1);
    expect(server('{env:TOKEN}{file:x}')).toHaveLength(1);
  });

  // OpenCode looks for the "}" in all of the JSON, and takes out everything up to it.
  it.each(['{env:TOKEN', '{env:A {env:B}', '{env:}', '{env:A"B}', '{env: A}'])(
    'are refused in headers where %s is no name of a variable',
    header => {
      expect(
        problemsOf({
          'mcp.yaml': `p:\n  url: https://x.example.com\n  headers:\n    X-Key: 'Bearer ${header}'`,
        }),
      ).toEqual([
        expect.stringMatching(/^mcp\.yaml:4: .*such as \{env:NAME\}/),
      ]);
    },
  );

  it('are found however YAML writes them', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('{env:SECRET}', '{file:/etc/passwd}'),
        fc.nat({ max: 10 }),
        fc.string({ maxLength: 20 }),
        (substitution, at, around) => {
          const text = `${around.replace(/[{}]/g, '')}${substitution}`;
          const escaped = JSON.stringify(text)
            .split('')
            .map((character, index) =>
              index === at && /[a-z{]/.test(character)
                ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
                : character,
            )
            .join('');
          const broken = escaped.split('\\');
          // An escape that was cut in two is another text.
          fc.pre(broken.every(part => part !== ''));
          expect(
            problemsOf({
              'agents/a.md': `---\ndescription: ${escaped}\n---\nHello`,
            }),
          ).not.toEqual([]);
        },
      ),
    );
  });
});
