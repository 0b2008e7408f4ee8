import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import {
  Entity,
  parseEntityRef,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { InputError, ServiceUnavailableError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { EntityCache } from './EntityCache';
import {
  CHART_FIELDS,
  Membership,
  OrganisationChart,
  relatedGroups,
  RelatedGroups,
} from './OrganisationChart';

/**
 * Pause between two passes. The catalog announces no changes, and an
 * organisation changes rarely; a pass over 2,000 entities takes about 100 ms.
 */
export const ORGANISATION_INTERVAL_MS = 60_000;

/** Pause after a pass that found a change: a catalog that is filling up is not yet what it will be. */
const INTERVAL_WHILE_CHANGING_MS = 5_000;

/** Pause after a pass that failed or found nothing, as while a portal starts; doubled after each next one. */
const RETRY_MS = 1_000;

/** Users and services in one request. */
const MAX_READ_AT_ONCE = 200;

const RELATION_FIELDS = [
  'kind',
  'metadata.name',
  'metadata.namespace',
  'relations',
];

/** Small enough that parsing a page holds up nobody. */
const PAGE_SIZE = 500;

/**
 * Knows from the catalog who is in which team, and what teams own.
 *
 * Groups, systems and domains are kept in memory and read again every minute;
 * users and services one by one as they call. All with the plugin's own
 * credentials: what is found here serves policy, and is not for display.
 */
export class Organisation {
  readonly #catalog: CatalogService;
  readonly #auth: AuthService;
  readonly #logger: LoggerService;
  readonly #entities: EntityCache<RelatedGroups>;
  readonly #intervalMs: number;
  readonly #waiting: Array<{
    entityRef: string;
    resolve: (groups: RelatedGroups | undefined) => void;
    reject: (error: unknown) => void;
  }> = [];
  #chart?: OrganisationChart;
  #loading?: Promise<OrganisationChart>;
  #timer?: NodeJS.Timeout;
  #stopped = false;

  constructor(options: {
    catalog: CatalogService;
    auth: AuthService;
    logger: LoggerService;
    /** Pause between two passes, and how long a user who has left may go unnoticed. Default: a minute. */
    intervalMs?: number;
  }) {
    this.#catalog = options.catalog;
    this.#auth = options.auth;
    this.#logger = options.logger;
    this.#intervalMs = options.intervalMs ?? ORGANISATION_INTERVAL_MS;
    this.#entities = new EntityCache({
      read: ref => this.#read(ref),
      maxAgeMs: this.#intervalMs,
    });
  }

  /** Keeps groups, systems and domains up to date from now on. */
  start(): void {
    let fruitless = 0;
    const renew = async () => {
      let pauseMs = this.#intervalMs;
      try {
        const before = this.#chart;
        const chart = await this.#refresh();
        if (chart.isEmpty) {
          pauseMs = RETRY_MS * 2 ** fruitless++;
        } else {
          fruitless = 0;
          if (chart.fingerprint !== before?.fingerprint) {
            pauseMs = INTERVAL_WHILE_CHANGING_MS;
          }
        }
      } catch (error) {
        this.#logger.warn(
          `Could not read the teams from the catalog, keeping those of before: ${error}`,
        );
        pauseMs = RETRY_MS * 2 ** fruitless++;
      }
      if (!this.#stopped) {
        this.#timer = setTimeout(
          renew,
          Math.min(pauseMs, this.#intervalMs),
        ).unref();
      }
    };
    this.#timer = setTimeout(renew, 0).unref();
  }

  /** Ends what {@link Organisation.start} began. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /**
   * The teams of a user or service, and the systems and domains that are
   * theirs. Someone without a team gets empty lists.
   *
   * A change shows after about a minute. While the catalog does not answer,
   * what it said of someone in the last 15 minutes holds.
   *
   * @param entityRef - of the user, or of the entity that a service stands for
   * @param kind - a user is in the groups it is a member of, a service in those that own its entity
   * @returns undefined when the catalog does not have the entity: the user has left, and nothing may be allowed
   * @throws InputError when the ref is not a full entity ref
   * @throws ServiceUnavailableError when the catalog does not answer
   */
  async membershipOf(
    entityRef: string,
    kind: 'user' | 'service',
  ): Promise<Membership | undefined> {
    const groups = await this.#entities.get(toFullRef(entityRef));
    if (!groups) {
      return undefined;
    }
    const chart = this.#chart ?? (await this.#refresh());
    return chart.membershipOf(
      kind === 'user' ? groups.memberOf : groups.ownedBy,
    );
  }

  /** Concurrent calls share one pass. */
  async #refresh(): Promise<OrganisationChart> {
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #load(): Promise<OrganisationChart> {
    const entities: Entity[] = [];
    try {
      const pages = this.#catalog.streamEntities(
        {
          filter: { kind: ['group', 'system', 'domain'] },
          fields: CHART_FIELDS,
          pageSize: PAGE_SIZE,
        },
        { credentials: await this.#auth.getOwnServiceCredentials() },
      );
      for await (const page of pages) {
        entities.push(...page);
      }
    } catch (error) {
      throw catalogUnavailable(error);
    }
    this.#chart = new OrganisationChart(entities);
    return this.#chart;
  }

  /** Entities that are asked for in one turn are read by one request. */
  #read(entityRef: string): Promise<RelatedGroups | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entityRef, resolve, reject });
      if (this.#waiting.length === 1) {
        setImmediate(() => this.#readWaiting());
      }
    });
  }

  async #readWaiting(): Promise<void> {
    const waiting = this.#waiting.splice(0);
    for (let start = 0; start < waiting.length; start += MAX_READ_AT_ONCE) {
      const some = waiting.slice(start, start + MAX_READ_AT_ONCE);
      try {
        const items = await this.#readMany(
          some.map(({ entityRef }) => entityRef),
        );
        some.forEach(({ resolve }, index) => resolve(items[index]));
      } catch (error) {
        some.forEach(({ reject }) => reject(error));
      }
    }
  }

  async #readMany(
    entityRefs: string[],
  ): Promise<Array<RelatedGroups | undefined>> {
    try {
      const { items } = await this.#catalog.getEntitiesByRefs(
        { entityRefs, fields: RELATION_FIELDS },
        { credentials: await this.#auth.getOwnServiceCredentials() },
      );
      return items.map(entity => entity && relatedGroups(entity));
    } catch (error) {
      throw catalogUnavailable(error);
    }
  }
}

function catalogUnavailable(cause: unknown): ServiceUnavailableError {
  return new ServiceUnavailableError(
    'The catalog does not answer, so that teams are not known; try again',
    cause,
  );
}

function toFullRef(text: string): string {
  try {
    return stringifyEntityRef(parseEntityRef(text));
  } catch {
    throw new InputError(
      'Not a full entity ref: expected kind:namespace/name, such as user:default/ada',
    );
  }
}
