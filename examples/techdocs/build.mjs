/**
 * Builds the TechDocs sites of the demo organisation from `sources/` into `site/`, as the local publisher serves them.
 * The result is checked in, so that the demo needs neither Python nor mkdocs.
 *
 * Run from the root of the repository: yarn node examples/techdocs/build.mjs
 * Needs the packages `marked` and `yaml`, development dependencies of the root.
 *
 * Supports what the sources use: a flat `nav`, CommonMark and GitHub's tables and task lists.
 * The output is the same on every run.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Marked } from 'marked';
import { parse as parseYaml } from 'yaml';
import { renderPage } from './theme/page.mjs';

/** Folder in `sources/` -> where the publisher looks: namespace/kind/name, in lower case. */
const SITES = {
  'payments-api': 'default/component/payments-api',
  'orders-service': 'default/component/orders-service',
  'paved-road': 'default/system/paved-road',
};

/** Fixed, so that a rebuild without changes leaves no diff. */
const BUILD_TIMESTAMP_MS = Date.UTC(2026, 9, 1);

const here = path.dirname(fileURLToPath(import.meta.url));
const sha256 = text => createHash('sha256').update(text).digest('hex');
const slugify = text =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s-]/gu, '')
    .trim()
    .replace(/[\s-]+/g, '-');
/** Text without tags. HTML entities stay, as in the index that mkdocs writes; the search collator decodes them. */
const plainText = html =>
  html
    .replace(/<\/(?:blockquote|h\d|li|p|pre|td|th)>/g, ' ')
    .replace(/<[^>]*>/g, '')
    .replace(/\s+/g, ' ')
    .trim();

/** `index.md` is served at the root of the site, `x.md` at `x/`. */
const locationOf = file =>
  file === 'index.md' ? '' : `${file.replace(/\.md$/, '')}/`;

const isExternal = href => /^[a-z]+:/i.test(href);

/** Turns a link between source files into one between pages: `a.md#b` -> `../a/#b`. */
function rewriteLink(href, fromLocation) {
  const [file, anchor] = href.split('#');
  if (isExternal(href) || !file.endsWith('.md')) return href;
  const target = `${fromLocation ? '../' : './'}${locationOf(file)}`;
  return anchor ? `${target}#${anchor}` : target;
}

/** Parses one page to its HTML, its headings, and the text under each heading. */
function parsePage({ title, file, markdown }) {
  const location = locationOf(file);
  const marked = new Marked({
    walkTokens(token) {
      if (token.type === 'link') token.href = rewriteLink(token.href, location);
    },
    renderer: {
      heading(token) {
        const { id, html } = token.meta;
        return `<h${token.depth} id="${id}">${html}<a class="headerlink" href="#${id}" title="Permanent link">¶</a></h${token.depth}>\n`;
      },
    },
  });
  const tokens = marked.lexer(markdown);
  marked.walkTokens(tokens, marked.defaults.walkTokens);

  const headings = [];
  for (const token of tokens) {
    if (token.type === 'heading') {
      const html = marked.Parser.parseInline(token.tokens, marked.defaults);
      const id = slugify(token.text);
      if (headings.some(heading => heading.id === id)) {
        throw new Error(`${file}: two headings have the id "${id}"`);
      }
      const parent = headings.findLast(heading => heading.depth < token.depth);
      token.meta = { id, html };
      headings.push({
        id,
        html,
        text: plainText(html),
        depth: token.depth,
        parent,
        tokens: [],
      });
    } else {
      headings.at(-1)?.tokens.push(token);
    }
  }
  const html = marked.parser(tokens);
  for (const heading of headings) {
    heading.body = plainText(marked.parser(heading.tokens));
  }
  return { title, location, headings, html };
}

/** The search index that mkdocs would write: one document for each page and one for each heading. */
function searchIndex(pages) {
  const docs = pages.flatMap(page => [
    {
      location: page.location,
      title: page.title,
      text: page.headings.map(h => `${h.text} ${h.body}`.trim()).join(' '),
    },
    ...page.headings.map(heading => ({
      location: `${page.location}#${heading.id}`,
      title: heading.text,
      text: heading.body,
    })),
  ]);
  const config = {
    indexing: 'full',
    lang: ['en'],
    min_search_length: 3,
    prebuild_index: false,
    separator: '[\\s\\-]+',
  };
  return { config, docs };
}

/** Fails when a link in the site leads to a page or heading that does not exist. */
function assertLinks(siteName, pages) {
  const targets = new Set(
    pages.flatMap(page => [
      page.location,
      ...page.headings.map(h => `${page.location}#${h.id}`),
    ]),
  );
  for (const page of pages) {
    for (const [, href] of page.html.matchAll(/href="([^"]*)"/g)) {
      if (isExternal(href)) continue;
      const url = new URL(href, `http://site/${page.location}`);
      const target = `${url.pathname.slice(1)}${url.hash}`;
      if (!targets.has(target)) {
        throw new Error(
          `${siteName}, page "${page.title}": ${href} leads nowhere`,
        );
      }
    }
  }
}

async function buildSite(source, entityPath, css) {
  const folder = path.join(here, 'sources', source);
  const config = parseYaml(
    await readFile(path.join(folder, 'mkdocs.yml'), 'utf8'),
  );
  const pages = await Promise.all(
    config.nav.map(async entry => {
      const [[title, file]] = Object.entries(entry);
      return parsePage({
        title,
        file,
        markdown: await readFile(path.join(folder, 'docs', file), 'utf8'),
      });
    }),
  );
  assertLinks(config.site_name, pages);

  // Backstage's sanitizer keeps a stylesheet only when it is called main.<8 hex digits>.min.css.
  const cssHash = sha256(css).slice(0, 8);
  const stylesheet = `assets/stylesheets/main.${cssHash}.min.css`;
  const files = new Map([[stylesheet, css]]);
  for (const current of pages) {
    files.set(
      `${current.location}index.html`,
      renderPage({ siteName: config.site_name, pages, current, stylesheet }),
    );
  }
  files.set(
    'search/search_index.json',
    `${JSON.stringify(searchIndex(pages), null, 2)}\n`,
  );
  const metadata = {
    site_name: config.site_name,
    site_description: config.site_description,
    etag: sha256([...files].flat().join('\n')),
    build_timestamp: BUILD_TIMESTAMP_MS,
    files: [...files.keys(), 'techdocs_metadata.json'].sort(),
  };
  files.set('techdocs_metadata.json', `${JSON.stringify(metadata, null, 2)}\n`);

  const target = path.join(here, 'site', entityPath);
  for (const [name, content] of files) {
    const file = path.join(target, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  console.log(`${entityPath}: ${pages.length} pages`);
}

await rm(path.join(here, 'site'), { recursive: true, force: true });
const css = await readFile(path.join(here, 'theme', 'main.css'), 'utf8');
for (const [source, entityPath] of Object.entries(SITES)) {
  await buildSite(source, entityPath, css);
}
