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

Models, tools and agents for OpenCode with one sign-in, and without a key of a provider:
  opencode auth login ${url}

MCP portal, with the tools that each of them may use:
  ${url}/mcp
Connect a coding client to it:
  claude mcp add --transport http lantern ${url}/mcp \\
    --client-id claude-code-mcp
  claude mcp login lantern

Without a sign-in, what is released: ${url}/mcp/public
The catalog alone: ${url}/api/catalog-mcp/v1

Get an access token for scripts and curl, here for the portal:
  ${portPrefix}npm run --silent token -- ${personas[0].id} --for portal

Log: ${logFile}
Stop with Ctrl-C.
`;
}
