/**
 * HTML of one TechDocs page.
 *
 * The class names and data attributes are those of mkdocs-material, because the transformers of
 * `@backstage/plugin-techdocs` look for them: `.md-header label[for="__drawer"]` becomes the menu button of small screens,
 * `[data-md-component]` elements receive addons, and sidebars are placed by script.
 */

const escapeHtml = text =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

const list = items =>
  `<ul class="md-nav__list" data-md-scrollfix>\n${items.join('\n')}\n</ul>`;

const sidebar = (
  position,
  type,
  nav,
) => `<div class="md-sidebar md-sidebar--${position}" data-md-component="sidebar" data-md-type="${type}">
<div class="md-sidebar__scrollwrap"><div class="md-sidebar__inner">
${nav}
</div></div>
</div>`;

function navigation({ siteName, pages, current, root }) {
  const items = pages.map(page => {
    const active = page === current;
    return (
      `<li class="md-nav__item${active ? ' md-nav__item--active' : ''}">` +
      `<a href="${root}${page.location}" class="md-nav__link${
        active ? ' md-nav__link--active' : ''
      }">` +
      `<span class="md-ellipsis">${escapeHtml(page.title)}</span></a></li>`
    );
  });
  return `<nav class="md-nav md-nav--primary" aria-label="Navigation" data-md-level="0">
<label class="md-nav__title" for="__drawer">${escapeHtml(siteName)}</label>
${list(items)}
</nav>`;
}

function tableOfContents(headings) {
  const link = heading =>
    `<a href="#${heading.id}" class="md-nav__link"><span class="md-ellipsis">${heading.html}</span></a>`;
  const items = headings
    .filter(heading => heading.depth === 2)
    .map(section => {
      const children = headings.filter(
        heading => heading.depth === 3 && heading.parent === section,
      );
      const nested = children.map(
        child => `<li class="md-nav__item">${link(child)}</li>`,
      );
      const nav = nested.length
        ? `\n<nav class="md-nav" aria-label="${escapeHtml(
            section.text,
          )}">${list(nested)}</nav>`
        : '';
      return `<li class="md-nav__item">${link(section)}${nav}</li>`;
    });
  if (!items.length) return '';
  return `<nav class="md-nav md-nav--secondary" aria-label="Table of contents">
<label class="md-nav__title" for="__toc">Table of contents</label>
${list(items)}
</nav>`;
}

/**
 * Renders a page.
 *
 * @param {object} options
 * @param {string} options.siteName - name of the site, shown above the navigation
 * @param {object[]} options.pages - all pages of the site in the order of the navigation
 * @param {object} options.current - the page to render: `title`, `location`, `headings`, `html`
 * @param {string} options.stylesheet - path of the stylesheet in the site
 * @returns {string} a whole HTML document whose links are relative
 */
export function renderPage({ siteName, pages, current, stylesheet }) {
  const root = current.location ? '../' : './';
  const title = current.location ? `${current.title} - ${siteName}` : siteName;
  return `<!doctype html>
<html lang="en" class="no-js">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="${root}${stylesheet}">
</head>
<body dir="ltr">
<input class="md-toggle" data-md-toggle="drawer" type="checkbox" id="__drawer" autocomplete="off">
<label class="md-overlay" for="__drawer"></label>
<header class="md-header" data-md-component="header"><label class="md-header__button md-icon" for="__drawer"></label>${escapeHtml(
    siteName,
  )}</header>
<div class="md-container" data-md-component="container">
<main class="md-main" data-md-component="main">
<div class="md-main__inner md-grid">
${sidebar(
  'primary',
  'navigation',
  navigation({ siteName, pages, current, root }),
)}
${sidebar('secondary', 'toc', tableOfContents(current.headings))}
<div class="md-content" data-md-component="content">
<article class="md-content__inner md-typeset">
${current.html.trim()}
</article>
</div>
</div>
</main>
</div>
</body>
</html>
`;
}
