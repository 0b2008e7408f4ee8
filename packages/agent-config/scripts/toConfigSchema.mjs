const POINTER = '#/components/schemas/';

/**
 * The JSON schema of OpenCode's configuration, from what `opencode generate` prints.
 *
 * @param {any} openApi an OpenAPI 3.1 document
 * @param {string} version of OpenCode
 */
export function toConfigSchema(openApi, version) {
  const { schemas } = openApi.components;
  const names = new Set(['Config']);
  for (const name of names) {
    const text = JSON.stringify(schemas[name]);
    for (const [, used] of text.matchAll(
      /"#\/components\/schemas\/([^"]+)"/g,
    )) {
      names.add(used);
    }
  }
  const $defs = Object.fromEntries(
    [...names].sort().map(name => [name, schemas[name]]),
  );
  return JSON.parse(
    JSON.stringify({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $comment:
        'The configuration of OpenCode (https://opencode.ai, MIT), from "opencode generate". Refresh: yarn workspace @prompt-corner/agent-config schema:refresh <version>',
      'x-version': version,
      $ref: `${POINTER}Config`,
      $defs,
    }).replaceAll(POINTER, '#/$defs/'),
  );
}
