/** A page for errors that must not be sent to the client, such as a redirect URI that is not the client's. */
export function errorPage(error: {
  error?: string;
  error_description?: string;
}): string {
  const code = escape(error.error ?? 'server_error');
  const description = escape(
    error.error_description ?? 'Something went wrong on this side.',
  );
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign-in failed</title>
<style>
:root { color-scheme: light dark; font-family: system-ui, sans-serif; }
main { max-width: 32rem; margin: 15vh auto 0; padding: 0 1.5rem; line-height: 1.5; }
code { overflow-wrap: anywhere; }
</style>
</head>
<body>
<main>
<h1>Sign-in failed</h1>
<p>${description}</p>
<p>Start again in the program that brought you here. If that does not help, tell your platform team: <code>${code}</code></p>
</main>
</body>
</html>
`;
}

function escape(text: string): string {
  return text.replace(
    /[&<>"']/g,
    character => `&#${character.codePointAt(0)};`,
  );
}
