/**
 * What to do next, for the console, once the demo runs.
 *
 * @param {{ url: string, port: number, personas: { id: string, name: string, role: string, tryThis: string }[], logFile: string }} demo
 * @returns {string}
 */
export function welcome({ url, port, personas, logFile }) {
  const width = Math.max(...personas.map(({ id }) => id.length));
  const portPrefix = port === 7007 ? '' : `PORT=${port} `;
  return `
Prompt Corner is ready: ${url}

Sign in as one of these people; the demo asks for no password:
${personas
  .map(
    ({ id, name, role, tryThis }) =>
      `  ${id.padEnd(width)}  ${name}, ${role}\n  ${' '.repeat(
        width,
      )}  try: ${tryThis}`,
  )
  .join('\n')}

Get an access token for scripts and curl, here for the catalog:
  ${portPrefix}npm run --silent token -- ${personas[0].id} --for catalog

Connect a coding client to the catalog:
  claude mcp add --transport http catalog ${url}/api/catalog-mcp/v1 \\
    --client-id claude-code-mcp
  claude mcp login catalog

Log: ${logFile}
Stop with Ctrl-C.
`;
}
