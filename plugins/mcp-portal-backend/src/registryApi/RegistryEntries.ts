import type { LoggerService } from '@backstage/backend-plugin-api';
import type { RegisteredServer } from '@prompt-corner/plugin-mcp-portal-common';
import { z } from 'zod';
import {
  ServerDocument,
  serverDocument,
  serverDocumentSchema,
} from './serverDocument';

/** A server that may be listed. */
export type ListedServer = Pick<
  RegisteredServer,
  'name' | 'title' | 'description' | 'status' | 'createdAt' | 'updatedAt'
> & {
  /** What the server itself says; anything else than an exact version is not shown. */
  version?: string;
};

/** A portal through which servers are reached. */
export interface ListedPortal {
  name: string;
  /** Where a client connects to use a server. */
  urlOf(server: string): string;
  serves(server: string): boolean;
}

/** An entry as the registry API has it. */
export interface RegistryEntry {
  server: ServerDocument;
  _meta: {
    'io.modelcontextprotocol.registry/official': {
      status: 'active' | 'deleted';
      statusMessage?: string;
      statusChangedAt: string;
      publishedAt: string;
      updatedAt: string;
      isLatest: boolean;
    };
  };
}

/** How many refusals are remembered, to log each of them once. */
const MAX_LOGGED = 1_000;

/**
 * Makes entries of servers. One that would be invalid is left out, and logged
 * once: VS Code shows nothing of a page that begins with an invalid entry.
 */
export class RegistryEntries {
  readonly #namespace: string;
  readonly #websiteUrlOf: (server: string) => string | undefined;
  readonly #logger: LoggerService;
  readonly #logged = new Set<string>();

  /**
   * @param options.namespace - in reverse-DNS form
   * @param options.websiteUrlOf - the page of a server
   */
  constructor(options: {
    namespace: string;
    websiteUrlOf?: (server: string) => string | undefined;
    logger: LoggerService;
  }) {
    this.#namespace = options.namespace;
    this.#websiteUrlOf = options.websiteUrlOf ?? (() => undefined);
    this.#logger = options.logger;
  }

  /**
   * The entries of those servers that are, or were, served by one of the
   * portals, in the order of their names. A server leads to the first portal that
   * serves it; one that is suspended or retired is `deleted`, and leads nowhere.
   */
  of(
    servers: readonly ListedServer[],
    portals: readonly ListedPortal[],
  ): RegistryEntry[] {
    return servers
      .flatMap(server => this.#entryOf(server, portals) ?? [])
      .sort((a, b) => compare(a.server.name, b.server.name));
  }

  #entryOf(
    server: ListedServer,
    portals: readonly ListedPortal[],
  ): RegistryEntry | undefined {
    const { name, title, description, version, status } = server;
    const portal = portals.find(({ serves }) => serves(name));
    const active = status === 'approved';
    const ended = status === 'suspended' || status === 'retired';
    if (!portal || !(active || ended)) {
      return undefined;
    }
    const document = serverDocumentSchema.safeParse(
      serverDocument({
        name: `${this.#namespace}/${name}`,
        title,
        description,
        version,
        websiteUrl: this.#websiteUrlOf(name),
        remoteUrl: active ? portal.urlOf(name) : undefined,
      }),
    );
    if (!document.success) {
      this.#log(name, z.prettifyError(document.error));
      return undefined;
    }
    return {
      server: document.data,
      _meta: {
        'io.modelcontextprotocol.registry/official': {
          status: active ? 'active' : 'deleted',
          statusMessage: active ? undefined : `The server is ${status}`,
          statusChangedAt: server.updatedAt,
          publishedAt: server.createdAt,
          updatedAt: server.updatedAt,
          isLatest: true,
        },
      },
    };
  }

  #log(server: string, problem: string) {
    const message = `The server "${server}" is not in the registry API, because its entry would be invalid: ${problem}`;
    if (this.#logged.has(message) || this.#logged.size >= MAX_LOGGED) {
      return;
    }
    this.#logged.add(message);
    this.#logger.warn(message);
  }
}

/** By code units, the same on every replica. */
export function compare(a: string, b: string): number {
  if (a === b) {
    return 0;
  }
  return a < b ? -1 : 1;
}
