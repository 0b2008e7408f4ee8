import { Persona } from './personas';

const STYLE = `
  :root {
    color-scheme: light dark;
    --page: #f4f1ee;
    --card: #ffffff;
    --line: #d9d2cb;
    --text: #221c1a;
    --muted: #655c57;
    --accent: #9b1c31;
    --on-accent: #ffffff;
  }
  @media (prefers-color-scheme: dark) {
    :root {
      --page: #171413;
      --card: #221e1c;
      --line: #433b37;
      --text: #f3eeea;
      --muted: #b3a9a3;
      --accent: #f08a99;
      --on-accent: #2b0a10;
    }
  }
  * { box-sizing: border-box; }
  body {
    margin: 0;
    min-height: 100vh;
    display: grid;
    place-items: center;
    padding: 1rem;
    background: var(--page);
    color: var(--text);
    font: 16px/1.5 system-ui, sans-serif;
  }
  main { width: 100%; max-width: 30rem; }
  h1 { margin: 0; font-size: 1.4rem; line-height: 1.3; }
  p { margin: .4rem 0 1.2rem; color: var(--muted); }
  ul { list-style: none; margin: 0; padding: 0; display: grid; gap: .6rem; }
  button {
    width: 100%;
    display: grid;
    grid-template-columns: 2.5rem 1fr;
    gap: .1rem .9rem;
    align-items: center;
    padding: .75rem 1rem;
    border: 1px solid var(--line);
    border-radius: .6rem;
    background: var(--card);
    color: inherit;
    font: inherit;
    text-align: left;
    cursor: pointer;
  }
  button:hover { border-color: var(--accent); }
  button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
  .initial {
    grid-row: span 2;
    width: 2.5rem;
    height: 2.5rem;
    display: grid;
    place-items: center;
    border-radius: 50%;
    background: var(--accent);
    color: var(--on-accent);
    font-weight: 600;
  }
  .name { font-weight: 600; }
  .role { color: var(--muted); font-size: .9rem; }
`;

/**
 * The page that asks who to sign in as.
 *
 * @returns a complete HTML document that loads nothing else
 */
export function renderSignInPage(options: {
  title: string;
  personas: Persona[];
}): string {
  const { title, personas } = options;
  return renderPage(
    `Sign in to ${title}`,
    `<h1>Sign in to ${escapeHtml(title)}</h1>
    <p>This is a demo: choose who you want to be, no password needed.</p>
    <form method="post">
      <ul>${personas.map(renderPersona).join('')}</ul>
    </form>`,
  );
}

/**
 * A page that says why a sign-in stopped.
 *
 * @returns a complete HTML document that loads nothing else
 */
export function renderErrorPage(options: {
  title: string;
  message: string;
}): string {
  return renderPage(
    `Sign in to ${options.title}`,
    `<h1>Not signed in</h1><p role="alert">${escapeHtml(options.message)}</p>`,
  );
}

function renderPersona({ id, name, role }: Persona): string {
  return `
        <li><button name="persona" value="${escapeHtml(id)}">
          <span class="initial" aria-hidden="true">${escapeHtml(name[0])}</span>
          <span class="name">${escapeHtml(name)}</span>
          <span class="role">${escapeHtml(role)}</span>
        </button></li>`;
}

function renderPage(title: string, main: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${escapeHtml(title)}</title>
    <style>${STYLE}</style>
  </head>
  <body>
    <main>${main}</main>
  </body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
}
