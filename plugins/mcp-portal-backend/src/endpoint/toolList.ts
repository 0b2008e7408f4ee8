import type { Tool } from '@modelcontextprotocol/server';
import { exposeToolView } from '../names';
import type { Portal } from '../portals';
import type { PortalView } from '../views';
import type { RecordedAnswer } from './answerRecord';

type ToolList = RecordedAnswer<{ tools: never[] }>;

/** Many ask for what few see: a view is the same until something changes. */
const lists = new WeakMap<PortalView, ToolList>();

/**
 * The answer to `tools/list`.
 *
 * @param view - of a caller in the portal
 * @param own - tools that the portal itself has for this caller
 */
export function toolList(
  view: PortalView,
  portal: Portal,
  own: Tool[],
): ToolList {
  let list = lists.get(view);
  if (!list) {
    const tools = [...view.tools.values()].map(
      ({ definition, exposed, server }) => ({
        ...exposeToolView(definition, uri =>
          portal.naming.resourceUri(server.name, uri),
        ),
        name: exposed,
      }),
    );
    const result = { tools: [...own, ...tools] as never[] };
    list = { result, resultBytes: Buffer.byteLength(JSON.stringify(result)) };
    lists.set(view, list);
  }
  return list;
}
