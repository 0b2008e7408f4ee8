import type { LoggerService } from '@backstage/backend-plugin-api';
import type { DefinitionKind } from '@prompt-corner/plugin-mcp-portal-common';
import { pinOf, ServedDefinition } from '../../definitions';
import { ServerRecord, toRegisteredServer } from '../ServerRecord';
import type { ServedServer } from './RegistrySnapshot';

/**
 * A server as portals see it. A definition that is not what its pin says
 * is left out and logged: someone changed the database by hand.
 */
export function toServedServer(
  server: ServerRecord,
  definitions: ServedDefinition[],
  logger: LoggerService,
): ServedServer {
  const intact = definitions.filter(({ kind, key, pin, definition }) => {
    if (matches(definition, pin)) {
      return true;
    }
    logger.error(
      `The stored ${kind} ${key} of the MCP server ${server.name} does not match its pin, and is not served`,
    );
    return false;
  });
  const byKey = (kind: DefinitionKind) =>
    new Map(
      intact
        .filter(definition => definition.kind === kind)
        .map(definition => [definition.key, deepFreeze(definition)]),
    );
  const { catalog } = server;
  return Object.freeze({
    ...toRegisteredServer(server),
    remotes: deepFreeze(server.approvedRemotes!),
    owners: catalog.owners,
    system: catalog.system,
    domain: catalog.domain,
    tags: catalog.tags,
    lifecycle: catalog.lifecycle,
    absentSince: server.absentSince,
    annotations: catalog.annotations,
    tools: byKey('tool'),
    prompts: byKey('prompt'),
    resourceTemplates: byKey('resource-template'),
  });
}

function matches(definition: unknown, pin: string): boolean {
  try {
    return pinOf(definition) === pin;
  } catch {
    return false;
  }
}

/** Every request reads the same objects. */
function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
