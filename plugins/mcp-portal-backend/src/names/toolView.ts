import { isRecord } from '../json/isRecord';

/** The older spelling, which hosts and servers still use beside the newer one. */
const FLAT_KEY = 'ui/resourceUri';

/**
 * Gives the view of a tool (MCP Apps, specification 2026-01-26: `_meta.ui.resourceUri`)
 * the URI that it has in the portal, where a client can read it. Copies what it changes.
 *
 * @param definition - of a tool, as its server sent it
 */
export function exposeToolView(
  definition: Record<string, unknown>,
  uriOf: (uri: string) => string,
): Record<string, unknown> {
  const { _meta: meta } = definition;
  if (!isRecord(meta)) {
    return definition;
  }
  const { ui, [FLAT_KEY]: flat } = meta;
  return {
    ...definition,
    _meta: {
      ...meta,
      ...(isRecord(ui) &&
        typeof ui.resourceUri === 'string' && {
          ui: { ...ui, resourceUri: uriOf(ui.resourceUri) },
        }),
      ...(typeof flat === 'string' && { [FLAT_KEY]: uriOf(flat) }),
    },
  };
}
