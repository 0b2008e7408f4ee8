/**
 * URIs of resources in a portal of several servers.
 *
 * `file:///a` of the server `docs` is `docs+file:///a`, and `ui://app/main` is
 * `ui://docs/app/main`. Whatever follows the server is as the server wrote it, so
 * that the way back needs no memory, and templates (RFC 6570) expand to the same
 * in both worlds. Reasons:
 *
 * - a URI of a scheme with `//` stays one: VS Code takes URIs apart into scheme,
 *   authority and path, and would not get `mcp+docs:file:///a` together again
 * - hosts of MCP Apps render only what begins with `ui://` (specification
 *   2026-01-26)
 * - clients that fetch `https://` by themselves must come to the portal instead
 * - peers do the same: agentgateway (pull request 1478), Envoy AI Gateway (2412)
 */

const UI = 'ui://';

/**
 * A URI, or URI template, as clients of the portal see it. In lower case as far
 * as it names the server, because URL parsers lower the scheme.
 *
 * @param uri - as the server has it: any text
 */
export function exposedUri(server: string, uri: string): string {
  const prefix = server.toLocaleLowerCase('en-US');
  return uri.startsWith(UI)
    ? `${UI}${prefix}/${uri.slice(UI.length)}`
    : `${prefix}+${uri}`;
}

/** The way back. @returns undefined when the URI is not one of the portal's */
export function upstreamUri(
  exposed: string,
): { prefix: string; uri: string } | undefined {
  const match =
    /^ui:\/\/(?<prefix>[a-z0-9]+)\/(?<rest>[^]*)$/i.exec(exposed) ??
    /^(?<prefix>[a-z0-9]+)\+(?<rest>[^]*)$/i.exec(exposed);
  if (!match?.groups) {
    return undefined;
  }
  const { prefix, rest } = match.groups;
  return {
    prefix: prefix.toLocaleLowerCase('en-US'),
    uri: /^ui:/i.test(exposed) ? `${UI}${rest}` : rest,
  };
}
