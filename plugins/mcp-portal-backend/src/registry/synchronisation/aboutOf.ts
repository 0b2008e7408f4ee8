import { pinOf, ServerSnapshot } from '../../definitions';
import type { ServerAbout } from '../ServerRecord';

/** What a server says of itself in a snapshot, as far as it is of a sensible size. */
export function aboutOf(snapshot: ServerSnapshot): ServerAbout {
  const { serverInfo, instructions, protocolVersion, capabilities } = snapshot;
  const said = Object.entries({
    serverInfo,
    instructions,
    protocolVersion,
    capabilities,
  }).filter(([, value]) => value !== undefined);
  const omitted = said
    .filter(([key, value]) => !isSensible(key, value))
    .map(([key]) => key);
  return {
    ...Object.fromEntries(said.filter(([key]) => !omitted.includes(key))),
    ...(omitted.length && { omitted }),
  };
}

/** The bounds are those of definitions. */
function isSensible(key: string, value: unknown): boolean {
  try {
    pinOf({ [key]: value });
    return true;
  } catch {
    return false;
  }
}
