import type { Tool } from '@modelcontextprotocol/server';

/** Names of the two tools of an API. */
export interface ApiToolNames {
  search: string;
  execute: string;
}

/** At the endpoint of an API. */
export const OWN_NAMES: ApiToolNames = { search: 'search', execute: 'execute' };

const inputSchema = (): Tool['inputSchema'] => ({
  type: 'object',
  properties: { code: { type: 'string', description: 'Async arrow function' } },
  required: ['code'],
  additionalProperties: false,
});

/**
 * The two tools of an API. Together less than 1,000 tokens (o200k), however
 * many operations there are. Nothing is in them that the API says of itself.
 *
 * @param api - its name in the portal
 * @param namespace - of the global in code
 */
export function apiTools(
  api: string,
  namespace: string,
  names: ApiToolNames,
): Tool[] {
  return [
    {
      name: names.search,
      title: `Find operations of ${api}`,
      description:
        `Finds operations of the HTTP API ${api} with JavaScript before you request them. Nothing is requested. ` +
        '`spec` is its OpenAPI description with every $ref resolved; it is large: return only what you need. Example:\n' +
        'async () => {\n' +
        `  const found = await ${namespace}.search("list open issues", { limit: 5 }); // name ("GET /path"), description; best first\n` +
        '  const { parameters, requestBody } = spec.paths["/issues"].get;\n' +
        '  return { found, parameters: parameters?.map(({ name, in: where, required }) => [name, where, required]), requestBody };\n' +
        '}',
      inputSchema: inputSchema(),
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    {
      name: names.execute,
      title: `Request operations of ${api}`,
      description:
        `Runs JavaScript that requests operations of the HTTP API ${api} that ${names.search} finds; chain, filter and combine here rather than in many steps. ` +
        `${namespace}.request({ method, path, query, headers, body }) signs in by itself and returns { status, headers, body }, also for a status of 400 and above; it throws what was not sent, or not answered. ` +
        'Redirects are not followed. No network, no files. Return only what you need. Example:\n' +
        'async () => {\n' +
        `  const { status, body } = await ${namespace}.request({ path: "/issues", query: { state: "open" } });\n` +
        '  return status === 200 ? body.map(({ id, title }) => ({ id, title })) : { status, body };\n' +
        '}',
      inputSchema: inputSchema(),
      annotations: {
        readOnlyHint: false,
        destructiveHint: true,
        openWorldHint: true,
      },
    },
  ];
}
