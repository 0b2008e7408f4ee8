/** The definition of a tool, as clients get it. @public */
export interface CodeModeTool {
  name: string;
  title: string;
  description: string;
  /** JSON Schema. */
  inputSchema: { type: 'object'; [keyword: string]: unknown };
  annotations: {
    readOnlyHint: boolean;
    destructiveHint?: boolean;
    openWorldHint: boolean;
  };
}

const inputSchema = (description: string): CodeModeTool['inputSchema'] => ({
  type: 'object',
  properties: { code: { type: 'string', description } },
  required: ['code'],
  additionalProperties: false,
});

/**
 * Looks at tools. Together with {@link codeModeExecuteTool} at most 350 tokens (o200k), whatever
 * is behind the portal: they are in the context of every request to a model.
 *
 * @public
 */
export const codeModeSearchTool: CodeModeTool = {
  name: 'portal_codemode_search',
  title: 'Find tools',
  description:
    'Finds tools with JavaScript before you use them. Nothing is called. Example:\n' +
    'async () => {\n' +
    '  const found = await codemode.search("list open issues", { limit: 5 }); // name, server, description; best first\n' +
    '  return codemode.types(found.map(tool => tool.name)); // signatures\n' +
    '}\n' +
    'codemode.tools() has all definitions: filter them, and return only what you need.',
  inputSchema: inputSchema('Async arrow function'),
  annotations: { readOnlyHint: true, openWorldHint: false },
};

/** Calls tools. @public */
export const codeModeExecuteTool: CodeModeTool = {
  name: 'portal_codemode_execute',
  title: 'Run code that calls tools',
  description:
    'Runs JavaScript that calls tools found by portal_codemode_search; chain, filter and combine here rather than in many steps. No network, no files. A failed call throws. Return only what you need. Example:\n' +
    'async () => {\n' +
    '  const issues = await codemode.tracker_list_issues({ state: "open" });\n' +
    '  return Promise.all(issues.slice(0, 3).map(({ id }) => codemode.tracker_get_issue({ id })));\n' +
    '}',
  inputSchema: inputSchema('Async arrow function'),
  annotations: {
    readOnlyHint: false,
    destructiveHint: true,
    openWorldHint: true,
  },
};
