import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pageToMarkdown } from './pageToMarkdown';

const RUNBOOK = join(
  __dirname,
  '../../../../examples/techdocs/site/default/component/payments-api/runbook/index.html',
);

describe('pageToMarkdown', () => {
  it('keeps the article and drops navigation, scripts and permalinks', () => {
    const markdown = pageToMarkdown(readFileSync(RUNBOOK, 'utf8'));
    expect(markdown).toMatch(/^# /);
    expect(markdown).toMatch(/\n## /);
    expect(markdown).not.toMatch(/<\/?(nav|div|script|article)/);
    expect(markdown).not.toContain('¶');
  });

  it('renders tables, code and lists as GitHub does', () => {
    expect(
      pageToMarkdown(
        '<article><h2>A<a class="headerlink" href="#a">¶</a></h2>' +
          '<pre><code class="language-sh">ls -l\n</code></pre>' +
          '<table><thead><tr><th>x</th><th>y</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>' +
          '<ul><li>one</li></ul><script>alert(1)</script></article>',
      ),
    ).toBe(
      '## A\n\n```sh\nls -l\n```\n\n| x | y |\n| --- | --- |\n| 1 | 2 |\n\n-   one',
    );
  });

  it('copes with broken and hostile markup', () => {
    for (const html of [
      '',
      '<article>',
      '<article><p>a<b>c',
      '<body onload=x>t</body>',
    ]) {
      expect(typeof pageToMarkdown(html)).toBe('string');
    }
    const startedAt = Date.now();
    pageToMarkdown('<article '.repeat(50_000));
    expect(Date.now() - startedAt).toBeLessThan(2_000);
    expect(() => pageToMarkdown('<div>'.repeat(20_000))).toThrow(
      'cannot be read as text',
    );
  });
});
