import { InputError } from '@backstage/errors';
import type { DefinitionKind } from '@prompt-corner/plugin-mcp-portal-common';
import { headerFault } from './headerFault';
import { canonicalJson, pinOfJson } from './pins';
import { asPlainLine } from './showInvisible';

/** What a server offers, at one moment, as it sent it. */
export interface ServerSnapshot {
  serverInfo?: Record<string, unknown>;
  instructions?: string;
  capabilities?: Record<string, unknown>;
  protocolVersion?: string;
  tools: object[];
  prompts: object[];
  resourceTemplates: object[];
}

/** One definition of a snapshot. */
export interface SnapshotDefinition {
  kind: DefinitionKind;
  key: string;
  /** {@link REFUSED_PIN} when it cannot be pinned. */
  pin: string;
  /** As sent; only its key when it cannot be pinned. */
  definition: Record<string, unknown>;
  /** Why it cannot be pinned, for people. */
  refusal?: string;
}

/** In place of the pin of a definition that cannot have one; it can never be approved. */
export const REFUSED_PIN = 'refused';

/** Of one server. */
export const MAX_DEFINITIONS = 10_000;

/** Of all definitions of one server, as JSON. */
export const MAX_SNAPSHOT_BYTES = 16 * 1024 * 1024;

/** Names have 128 characters at most (MCP 2025-11-25); URI templates are longer. */
const MAX_KEY_LENGTH = 1_000;

/** Between two pauses in which others get their turn. */
const PINNED_AT_ONCE = 100;

/**
 * Pins every definition of a snapshot.
 *
 * @throws InputError when the snapshot as a whole cannot be used: too many or
 * too large definitions, one without a name, or two with the same
 */
export async function pinSnapshot(
  snapshot: ServerSnapshot,
): Promise<SnapshotDefinition[]> {
  const sent = [
    ...entriesOf('tool', 'name', snapshot.tools),
    ...entriesOf('prompt', 'name', snapshot.prompts),
    ...entriesOf(
      'resource-template',
      'uriTemplate',
      snapshot.resourceTemplates,
    ),
  ];
  if (sent.length > MAX_DEFINITIONS) {
    throw new InputError(
      `The server offers ${sent.length} tools, prompts and resource templates; at most ${MAX_DEFINITIONS} are allowed`,
    );
  }
  const seen = new Set<string>();
  const pinned: SnapshotDefinition[] = [];
  let bytes = 0;
  for (const { kind, keyName, entry, index } of sent) {
    const key = keyOf(kind, keyName, entry, index);
    if (seen.has(`${kind} ${key}`)) {
      throw new InputError(
        `The server offers two of the kind ${kind} with the name ${shown(key)}`,
      );
    }
    seen.add(`${kind} ${key}`);
    const definition = entry as Record<string, unknown>;
    try {
      const json = canonicalJson(definition);
      assertCallable(kind, definition);
      bytes += Buffer.byteLength(json);
      pinned.push({ kind, key, pin: pinOfJson(json), definition });
    } catch (error) {
      pinned.push({
        kind,
        key,
        pin: REFUSED_PIN,
        definition: { [keyName]: key },
        refusal: (error as Error).message,
      });
    }
    if (bytes > MAX_SNAPSHOT_BYTES) {
      throw new InputError(
        `The definitions of the server have more than ${MAX_SNAPSHOT_BYTES} bytes together`,
      );
    }
    if (pinned.length % PINNED_AT_ONCE === 0) {
      await new Promise(setImmediate);
    }
  }
  return pinned;
}

/** @throws InputError when clients have to leave it out */
function assertCallable(
  kind: DefinitionKind,
  { inputSchema }: Record<string, unknown>,
): void {
  const fault = kind === 'tool' ? headerFault(inputSchema) : undefined;
  if (fault) {
    throw new InputError(`Clients leave this tool out: ${fault}`);
  }
}

function entriesOf(kind: DefinitionKind, keyName: string, entries: object[]) {
  return entries.map((entry, index) => ({ kind, keyName, entry, index }));
}

function keyOf(
  kind: DefinitionKind,
  keyName: string,
  entry: unknown,
  index: number,
): string {
  const key = (entry as Record<string, unknown> | null)?.[keyName];
  if (typeof key !== 'string' || !key) {
    throw new InputError(
      `Number ${
        index + 1
      } of the kind ${kind} that the server offers has no ${keyName}`,
    );
  }
  // Controls and halves of pairs cannot be stored, nor called by any client.
  if (key.length > MAX_KEY_LENGTH || /[\p{Cc}\p{Cs}]/u.test(key)) {
    throw new InputError(
      `Number ${
        index + 1
      } of the kind ${kind} has a ${keyName} that cannot be used: ${shown(
        key,
      )}`,
    );
  }
  return key;
}

function shown(key: string): string {
  return JSON.stringify(asPlainLine(key, 100));
}
