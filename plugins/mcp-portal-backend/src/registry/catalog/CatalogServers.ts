import type { AuthService } from '@backstage/backend-plugin-api';
import {
  Entity,
  RELATION_PART_OF,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { ServiceUnavailableError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { CatalogServer } from './CatalogServer';
import { readCatalogServer } from './readCatalogServer';

const PAGE_SIZE = 500;
const REFS_AT_ONCE = 200;

/** Reads MCP servers from the catalog, with the plugin's own credentials. */
export class CatalogServers {
  readonly #catalog: CatalogService;
  readonly #auth: AuthService;

  constructor(options: { catalog: CatalogService; auth: AuthService }) {
    this.#catalog = options.catalog;
    this.#auth = options.auth;
  }

  /**
   * All entities of kind API and type mcp-server.
   *
   * @throws ServiceUnavailableError when the catalog does not answer
   */
  async read(): Promise<CatalogServer[]> {
    try {
      const credentials = await this.#auth.getOwnServiceCredentials();
      const servers: CatalogServer[] = [];
      const pages = this.#catalog.streamEntities(
        {
          filter: { kind: 'api', 'spec.type': 'mcp-server' },
          fields: ['kind', 'metadata', 'spec', 'relations'],
          pageSize: PAGE_SIZE,
        },
        { credentials },
      );
      for await (const page of pages) {
        servers.push(...page.map(readCatalogServer));
      }
      return await this.#withDomains(servers);
    } catch (error) {
      throw new ServiceUnavailableError(
        'The catalog does not answer, so that its MCP servers are not known; those of before stay',
        error,
      );
    }
  }

  /** Which of some entities a user may read. */
  async readable(
    entityRefs: string[],
    credentials: Parameters<
      CatalogService['getEntitiesByRefs']
    >[1]['credentials'],
  ): Promise<Set<string>> {
    const readable = new Set<string>();
    for (let start = 0; start < entityRefs.length; start += REFS_AT_ONCE) {
      const refs = entityRefs.slice(start, start + REFS_AT_ONCE);
      const { items } = await this.#catalog.getEntitiesByRefs(
        {
          entityRefs: refs,
          fields: ['kind', 'metadata.name', 'metadata.namespace'],
        },
        { credentials },
      );
      items.forEach((entity, index) => {
        if (entity) {
          readable.add(refs[index]);
        }
      });
    }
    return readable;
  }

  async #withDomains(servers: CatalogServer[]): Promise<CatalogServer[]> {
    const systems = [...new Set(servers.flatMap(({ system }) => system ?? []))];
    const domains = new Map<string, string>();
    const credentials = await this.#auth.getOwnServiceCredentials();
    for (let start = 0; start < systems.length; start += REFS_AT_ONCE) {
      const { items } = await this.#catalog.getEntitiesByRefs(
        {
          entityRefs: systems.slice(start, start + REFS_AT_ONCE),
          fields: ['kind', 'metadata.name', 'metadata.namespace', 'relations'],
        },
        { credentials },
      );
      for (const system of items) {
        const domain = system && domainOf(system);
        if (domain) {
          domains.set(stringifyEntityRef(system), domain);
        }
      }
    }
    return servers.map(server => ({
      ...server,
      domain: server.system && domains.get(server.system),
    }));
  }
}

function domainOf(system: Entity): string | undefined {
  return system.relations
    ?.filter(({ type }) => type === RELATION_PART_OF)
    .map(({ targetRef }) => targetRef.toLocaleLowerCase('en-US'))
    .find(ref => ref.startsWith('domain:'));
}
