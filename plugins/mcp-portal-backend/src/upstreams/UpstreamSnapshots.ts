import type { ServerRemote } from '@prompt-corner/plugin-mcp-portal-common';
import type { Caller } from '../callers/Caller';
import type { ServerSnapshot } from '../definitions';
import type { SnapshotReader } from '../registry';
import type { UpstreamServer } from './types';
import type { Upstreams } from './Upstreams';
import { capabilitiesOf } from './UpstreamSessions';

/** For each request. */
const TIMEOUT_MS = 20_000;

/** A list whose pages never end is refused. */
const MAX_PAGES = 1_000;

/** Reads everything that a server offers, as the portal itself. */
export class UpstreamSnapshots implements SnapshotReader {
  readonly #upstreams: Upstreams;
  readonly #caller: Caller;

  constructor(options: { upstreams: Upstreams; caller: Caller }) {
    this.#upstreams = options.upstreams;
    this.#caller = options.caller;
  }

  /** {@inheritdoc SnapshotReader.read} */
  async read(
    server: { entityRef: string; name: string; remotes: ServerRemote[] },
    { signal }: { signal: AbortSignal },
  ): Promise<ServerSnapshot> {
    const handshake = await this.#upstreams.handshake({
      ...this.#asked(server, signal),
    });
    const capabilities = capabilitiesOf(handshake);
    const list = (method: string, key: string, offered: unknown) =>
      offered ? this.#list(server, method, key, signal) : [];
    const [tools, prompts, resourceTemplates] = await Promise.all([
      list('tools/list', 'tools', capabilities.tools),
      list('prompts/list', 'prompts', capabilities.prompts),
      list(
        'resources/templates/list',
        'resourceTemplates',
        capabilities.resources,
      ),
    ]);
    return {
      capabilities,
      protocolVersion:
        handshake.era === 'modern'
          ? handshake.discover.supportedVersions[0]
          : handshake.protocolVersion,
      instructions:
        handshake.era === 'modern'
          ? handshake.discover.instructions
          : handshake.instructions,
      tools,
      prompts,
      resourceTemplates,
    };
  }

  async #list(
    server: UpstreamServer,
    method: string,
    key: string,
    signal: AbortSignal,
  ): Promise<object[]> {
    const items: object[] = [];
    let cursor: unknown;
    for (let page = 0; page < MAX_PAGES; page++) {
      const result: Record<string, unknown> = await this.#upstreams.request({
        ...this.#asked(server, signal),
        method,
        params: cursor === undefined ? {} : { cursor },
        repeatable: true,
      });
      const found = result[key];
      if (!Array.isArray(found)) {
        throw new Error(`The answer to ${method} has no list "${key}"`);
      }
      items.push(...found);
      cursor = result.nextCursor;
      if (typeof cursor !== 'string') {
        return items;
      }
    }
    throw new Error(`The answer to ${method} has more than ${MAX_PAGES} pages`);
  }

  #asked(server: UpstreamServer, signal: AbortSignal) {
    return {
      server,
      caller: this.#caller,
      client: { session: 'portal', capabilities: {} },
      signal,
      timeoutMs: TIMEOUT_MS,
    };
  }
}
