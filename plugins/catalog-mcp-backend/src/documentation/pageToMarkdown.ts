import { InputError } from '@backstage/errors';
import TurndownService from 'turndown';
import { gfm } from 'turndown-plugin-gfm';

const turndown = new TurndownService({
  headingStyle: 'atx',
  codeBlockStyle: 'fenced',
  bulletListMarker: '-',
});
turndown.use(gfm);
turndown.remove(['script', 'style', 'nav', 'button', 'form', 'svg' as 'nav']);
// MkDocs puts a link to itself after each heading.
turndown.addRule('permalink', {
  filter: node =>
    node.nodeName === 'A' && node.classList?.contains('headerlink'),
  replacement: () => '',
});

/**
 * The article of a page that MkDocs rendered, as GitHub-flavoured markdown.
 *
 * @param html - a whole page; without an article its body is taken
 * @throws InputError when the markup is too broken to be read
 */
export function pageToMarkdown(html: string): string {
  const article =
    between(html, '<article', '</article>') ??
    between(html, '<body', '</body>') ??
    html;
  try {
    return turndown.turndown(article).trim();
  } catch (error) {
    // Markup that is nested thousands of levels deep overflows the stack of the parser.
    throw new InputError('The page cannot be read as text', error);
  }
}

/** What is inside an element: after the first opening tag, before the last closing one. */
function between(
  html: string,
  opening: string,
  closing: string,
): string | undefined {
  const tag = html.indexOf(opening);
  const start = tag === -1 ? -1 : html.indexOf('>', tag);
  const end = html.lastIndexOf(closing);
  return start === -1 || end < start ? undefined : html.slice(start + 1, end);
}
