import { isError } from '@backstage/errors';
import type { CallToolResult } from '@modelcontextprotocol/server';
import { isGlobalName, ToolDefinition } from '@prompt-corner/code-mode';
import { CallAnswer, CallRefusal } from '../../calls';
import { CodeScope, toolValue } from '../../codeMode';
import { isRecord } from '../../json/isRecord';
import type { ServedServer } from '../../registry';
import { operationName, PortalView } from '../../views';
import { readRequest } from '../requests/ApiRequest';
import type { ApiSpecification } from '../specification';

/** Name of the global with the description. */
const DOCUMENT = 'spec';

/** The only thing that code can call. */
const REQUEST = 'request';

/** What of a scope is the same as long as view and description are. */
type Shown = Pick<CodeScope, 'definitions' | 'document'>;

const shown = new WeakMap<PortalView, Map<ApiSpecification, Shown>>();

/** Name of an API's global in code. */
export function namespaceOf(server: string): string {
  return isGlobalName(server) && server !== DOCUMENT ? server : `${server}Api`;
}

/** What code sees of an API: the operations that its caller may request. */
export function apiScope(
  server: ServedServer,
  api: ApiSpecification,
  view: PortalView,
  execute: string,
): CodeScope {
  return {
    ...shownOf(server, api, view),
    place: `apis/${server.name}`,
    server: server.name,
    execute,
    namespace: namespaceOf(server.name),
    originOf: () => server.entityRef,
    targetOf(_tool, args) {
      try {
        const request = readRequest(api, args);
        return {
          target: operationName(server.name, request.operation.key),
          arguments: request.arguments,
        };
      } catch (error) {
        throw isError(error) && error.name === 'InputError'
          ? new CallRefusal('arguments', error.message)
          : error;
      }
    },
    valueOf: requestValue,
  };
}

/** What the API answered, whatever it is; what the portal answered in its place is thrown. */
function requestValue(answer: CallAnswer): unknown {
  const { structuredContent } = answer.result as CallToolResult;
  return isRecord(structuredContent) &&
    typeof structuredContent.status === 'number'
    ? structuredContent
    : toolValue(answer);
}

function shownOf(
  server: ServedServer,
  api: ApiSpecification,
  view: PortalView,
): Shown {
  const known = shown.get(view) ?? new Map<ApiSpecification, Shown>();
  shown.set(view, known);
  let found = known.get(api);
  if (!found) {
    found = makeShown(server, api, view);
    known.set(api, found);
  }
  return found;
}

/** What has another form than the approved one is not shown, as it is not requested either. */
function makeShown(
  { name: server }: ServedServer,
  api: ApiSpecification,
  view: PortalView,
): Shown {
  const permitted = new Set(
    [...api.operations.values()]
      .filter(
        ({ key, contentDigest }) =>
          view.operations.get(operationName(server, key))?.definition
            .contentDigest === contentDigest,
      )
      .map(({ key }) => key),
  );
  const definitions: ToolDefinition[] = [
    { name: REQUEST, server },
    ...[...api.operations.values()]
      .filter(({ key }) => permitted.has(key))
      .map(({ key, group, text }) => ({
        name: key,
        server: group || server,
        description: text,
      })),
  ];
  return {
    definitions,
    document: {
      name: DOCUMENT,
      source: api.source,
      omit: api.omitted(permitted),
    },
  };
}
