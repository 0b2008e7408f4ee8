import { RESERVED_NAMES, ToolDefinition } from '@prompt-corner/code-mode';
import { suffixedName } from '../names';
import type { PortalView, ViewedTool } from '../views';

/** What code can see and call: the caller's view, under names that code can write. */
export interface SandboxTools {
  definitions: readonly ToolDefinition[];
  /** By the name in code. */
  tools: ReadonlyMap<string, ViewedTool>;
}

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** A view is the same until something changes, and so is what is sent to sandboxes. */
const made = new WeakMap<PortalView, SandboxTools>();

/** The tools of a view for code. Their names are those of lists, wherever code can write these. */
export function sandboxTools(view: PortalView): SandboxTools {
  let tools = made.get(view);
  if (!tools) {
    tools = make(view);
    made.set(view, tools);
  }
  return tools;
}

function make(view: PortalView): SandboxTools {
  const tools = new Map(
    [...view.tools.values()].map(tool => [nameInCode(tool), tool]),
  );
  const definitions = [...tools].map(([name, { definition, server }]) => ({
    ...definition,
    name,
    server: server.name,
  }));
  return { definitions, tools };
}

/** Only names that an administrator or, in a portal of one server, the server has chosen may not do. */
function nameInCode({ exposed, server, key }: ViewedTool): string {
  return IDENTIFIER.test(exposed) && !RESERVED_NAMES.includes(exposed)
    ? exposed
    : suffixedName(server.name, key);
}
