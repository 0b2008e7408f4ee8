/* eslint-disable no-script-url -- such URLs are tried in order to be refused */
import { InputError } from '@backstage/errors';
import fc from 'fast-check';
import { ClientIdPattern } from './ClientIdPattern';
import { parseClientIdUrl } from './clientIdUrl';

function matches(pattern: string, id: string): boolean {
  return new ClientIdPattern(pattern).matches(new URL(id));
}

describe('a pattern for client ids', () => {
  it.each([
    ['https://claude.ai/*', 'https://claude.ai/oauth/claude-code'],
    ['https://claude.ai/*', 'https://claude.ai/x'],
    ['https://claude.ai:443/*', 'https://claude.ai/x'],
    [
      'https://chatgpt.com/oauth/codex/*/client.json',
      'https://chatgpt.com/oauth/codex/abc/client.json',
    ],
    ['https://a.dev/v*/x-*.json', 'https://a.dev/v1/x-cli.json'],
    ['https://*.example.com/client', 'https://a.b.example.com/client'],
    ['https://*/client', 'https://anywhere.org/client'],
    ['https://internal:8443/*', 'https://internal:8443/x'],
    ['http://localhost:*/*', 'http://localhost:4711/x'],
    ['http://[::1]:*/*', 'http://[::1]:4711/x'],
  ])('%s allows %s', (pattern, id) => {
    expect(matches(pattern, id)).toBe(true);
  });

  it.each([
    ['https://claude.ai/*', 'https://claude.ai.evil.com/x'],
    ['https://claude.ai/*', 'https://claude.ai@evil.com/x'],
    ['https://claude.ai/*', 'https://evil.com/claude.ai/x'],
    ['https://claude.ai/*', 'https://evilclaude.ai/x'],
    ['https://claude.ai/*', 'https://a.claude.ai/x'],
    ['https://claude.ai/*', 'https://claude.ai:8443/x'],
    ['https://claude.ai/*', 'http://claude.ai/x'],
    ['https://claude.ai/*', 'https://claudeXai/x'],
    ['https://*.example.com/x', 'https://example.com/x'],
    ['https://*.example.com/x', 'https://evilexample.com/x'],
    ['https://*.example.com/x', 'https://a.example.com.evil.com/x'],
    ['https://*/x', 'https://a.com/y/x'],
    [
      'https://chatgpt.com/oauth/codex/*/client.json',
      'https://chatgpt.com/oauth/codex/a/b/client.json',
    ],
    [
      'https://chatgpt.com/oauth/codex/*/client.json',
      'https://chatgpt.com/oauth/codex/a/client.json/evil',
    ],
    ['https://a.dev/b/*', 'https://a.dev/bc'],
    ['https://a.dev/b', 'https://a.dev/b/'],
    ['https://a.dev/ab*ba', 'https://a.dev/aba'],
    ['https://a.dev/B', 'https://a.dev/b'],
  ])('%s does not allow %s', (pattern, id) => {
    expect(matches(pattern, id)).toBe(false);
  });

  it.each([
    '*',
    'claude.ai/*',
    'https://*',
    'https://claude.ai*',
    'https://claude.*/x',
    'https://cl*.ai/x',
    'https://a.*.ai/x',
    'https://claude.ai@evil.com/*',
    'https://Claude.ai/*',
    'https://claude.ai:9*/x',
    'https://claude.ai/*?x',
    'https://claude.ai/*#x',
    'https://claude.ai\\/*',
    'javascript://claude.ai/*',
  ])('%s is refused with the name of the setting', pattern => {
    expect(() => new ClientIdPattern(pattern)).toThrow(InputError);
    expect(() => new ClientIdPattern(pattern)).toThrow(
      'agentAuth.clientDocuments.allowedClientIds',
    );
  });

  it('never allows another host, whatever is put around the allowed one', () => {
    const pattern = new ClientIdPattern('https://claude.ai/*');
    const noise = fc.string({
      unit: fc.constantFrom(...'claude.ai/@:#?\\%2e-_*[]\t \u3002'),
      maxLength: 12,
    });
    let accepted = 0;
    fc.assert(
      fc.property(noise, noise, noise, (before, after, path) => {
        const id = `https://${before}claude.ai${after}/${path}`;
        let url: URL;
        try {
          url = parseClientIdUrl(id, { allowLoopback: false });
        } catch {
          return;
        }
        const allowed = pattern.matches(url);
        accepted += allowed ? 1 : 0;
        expect(allowed).toBe(id.startsWith('https://claude.ai/'));
        expect(!allowed || url.host === 'claude.ai').toBe(true);
      }),
      {
        numRuns: 5_000,
        examples: [
          ['', '', 'oauth/x'],
          ['', '.evil.com', 'x'],
          ['evil.com@', '', 'x'],
          ['evil.com\\@', '', 'x'],
        ],
      },
    );
    expect(accepted).toBeGreaterThan(0);
  });

  it('means the same by a wildcard as a regular expression', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab/'), maxLength: 8 });
    const glob = fc.string({ unit: fc.constantFrom(...'ab*'), maxLength: 6 });
    const outcomes = new Set<boolean>();
    fc.assert(
      fc.property(glob, text, (middle, path) => {
        const expected = new RegExp(
          `^/x${middle.replaceAll('*', '[^/]*')}y$`,
        ).test(`/${path}`);
        const expectedWithEnds = new RegExp(
          `^/x${middle.replaceAll('*', '[^/]*')}y$`,
        ).test(`/x${path}y`);
        const pattern = `https://a.dev/x${middle}y`;
        outcomes.add(expectedWithEnds);
        expect(matches(pattern, `https://a.dev/${path}`)).toBe(expected);
        expect(matches(pattern, `https://a.dev/x${path}y`)).toBe(
          expectedWithEnds,
        );
      }),
      { numRuns: 3_000 },
    );
    expect(outcomes.size).toBe(2);
  });
});
