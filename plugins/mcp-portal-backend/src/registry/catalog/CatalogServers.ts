import type { AuthService } from '@backstage/backend-plugin-api';
import {
  Entity,
  RELATION_PART_OF,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { isError, ServiceUnavailableError } from '@backstage/errors';
import { CATALOG_FILTER_EXISTS } from '@backstage/catalog-client';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { CatalogServer } from './CatalogServer';
import {
  API_ANNOTATION,
  BASE_OF_SPECIFICATION,
  readCatalogServer,
} from './readCatalogServer';

const PAGE_SIZE = 500;
const REFS_AT_ONCE = 200;

/** MCP servers, and APIs that ask to be servers. */
const FILTER: Array<Record<string, string | symbol>> = [
  { kind: 'api', 'spec.type': 'mcp-server' },
  {
    kind: 'api',
    'spec.type': 'openapi',
    [`metadata.annotations.${API_ANNOTATION}`]: CATALOG_FILTER_EXISTS,
  },
];

/** Not the definitions of APIs, which are large. */
const FIELDS = [
  'kind',
  'metadata',
  'relations',
  'spec.type',
  'spec.lifecycle',
  'spec.owner',
  'spec.remotes',
];

/** There is no description of an API, or none that can be used. */
const DESCRIPTION_ERRORS = new Set(['InputError', 'NotFoundError']);

/** Reads MCP servers from the catalog, with the plugin's own credentials. */
export class CatalogServers {
  readonly #catalog: CatalogService;
  readonly #auth: AuthService;
  readonly #specifiedUrlOf: (entityRef: string) => Promise<string | undefined>;

  constructor(options: {
    catalog: CatalogService;
    auth: AuthService;
    /** The base URL that the specification of an API says, if it does. */
    specifiedUrlOf: (entityRef: string) => Promise<string | undefined>;
  }) {
    this.#catalog = options.catalog;
    this.#auth = options.auth;
    this.#specifiedUrlOf = options.specifiedUrlOf;
  }

  /**
   * All entities of kind API that are MCP servers, or ask to be servers.
   *
   * @throws ServiceUnavailableError when the catalog does not answer
   */
  async read(): Promise<CatalogServer[]> {
    try {
      const credentials = await this.#auth.getOwnServiceCredentials();
      const servers: CatalogServer[] = [];
      const pages = this.#catalog.streamEntities(
        {
          filter: FILTER,
          fields: FIELDS,
          pageSize: PAGE_SIZE,
        },
        { credentials },
      );
      for await (const page of pages) {
        for (const entity of page) {
          servers.push(await this.#readServer(entity));
        }
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

  async #readServer(entity: Entity): Promise<CatalogServer> {
    const { annotations } = entity.metadata;
    if (
      entity.spec?.type !== 'openapi' ||
      annotations?.[API_ANNOTATION] !== BASE_OF_SPECIFICATION
    ) {
      return readCatalogServer(entity);
    }
    const url = await this.#specifiedUrlOf(stringifyEntityRef(entity)).catch(
      error => {
        if (isError(error) && DESCRIPTION_ERRORS.has(error.name)) {
          return error;
        }
        // It may be as it was: nothing is suspended for that.
        throw error;
      },
    );
    return readCatalogServer(entity, url);
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
