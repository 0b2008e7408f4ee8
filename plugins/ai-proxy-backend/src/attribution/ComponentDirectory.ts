import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import {
  Entity,
  getCompoundEntityRef,
  parseEntityRef,
  RELATION_PART_OF,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { UsageEvent } from '@prompt-corner/plugin-ai-proxy-common';

/** What usage is counted for besides the caller. */
export type Attribution = Pick<UsageEvent, 'component' | 'system' | 'domain'>;

const NOTHING: Attribution = {};

/** Longer names are none of the catalog's. */
const MAX_REF_LENGTH = 256;

const MAX_AGE_MS = 5 * 60_000;

/** How many entities are read in one request. */
const PAGE = 500;

/**
 * The components of the catalog with their systems and domains, in memory, so
 * that a request need not wait. It only says what a component belongs to, and
 * never tells a client whether one exists.
 */
export class ComponentDirectory {
  readonly #auth: AuthService;
  readonly #catalog: CatalogService;
  readonly #logger: LoggerService;
  readonly #clock: () => number;
  #components: ReadonlyMap<string, Attribution> = new Map();
  #readAtMs: number | undefined;

  constructor(options: {
    auth: AuthService;
    catalog: CatalogService;
    logger: LoggerService;
    /** In milliseconds, and never back. Default: that of the process. */
    clock?: () => number;
  }) {
    this.#clock = options.clock ?? (() => performance.now());
    this.#auth = options.auth;
    this.#catalog = options.catalog;
    this.#logger = options.logger;
  }

  /**
   * What a component belongs to.
   *
   * @param named - as a client wrote it: `component:default/shop`, or `shop`
   * @returns nothing for what is not in the catalog
   */
  find(named: unknown): Attribution {
    if (typeof named !== 'string' || named.length > MAX_REF_LENGTH) {
      return NOTHING;
    }
    let ref: string;
    try {
      ref = stringifyEntityRef(
        parseEntityRef(named, {
          defaultKind: 'component',
          defaultNamespace: 'default',
        }),
      );
    } catch {
      return NOTHING;
    }
    return this.#components.get(ref) ?? NOTHING;
  }

  /**
   * Reads the catalog, if it was read more than five minutes ago. What was known
   * stays when that fails, and the next call tries again: policies may ask for
   * components.
   */
  async refresh(): Promise<void> {
    const startedMs = this.#clock();
    if (
      this.#readAtMs !== undefined &&
      startedMs - this.#readAtMs < MAX_AGE_MS
    ) {
      return;
    }
    try {
      const entities = await this.#read();
      const partOf = new Map(
        entities.map(entity => [refOf(entity), parentsOf(entity)]),
      );
      const find = (refs: string[] | undefined, kind: string) =>
        refs?.find(ref => ref.startsWith(`${kind}:`));
      this.#components = new Map(
        entities
          .filter(({ kind }) => kind.toLowerCase() === 'component')
          .map(entity => {
            const component = refOf(entity);
            const parents = partOf.get(component);
            const system = find(parents, 'system');
            const domain =
              find(parents, 'domain') ??
              (system && find(partOf.get(system), 'domain'));
            return [component, { component, system, domain }];
          }),
      );
      this.#readAtMs = startedMs;
    } catch (error) {
      this.#logger.warn(
        `Components of the catalog could not be read; usage is attributed as before: ${error}`,
      );
    }
  }

  async #read(): Promise<Entity[]> {
    const credentials = await this.#auth.getOwnServiceCredentials();
    const entities: Entity[] = [];
    for (let cursor: string | undefined, isFirst = true; isFirst || cursor; ) {
      const page = await this.#catalog.queryEntities(
        cursor
          ? { cursor, limit: PAGE }
          : {
              filter: { kind: ['component', 'system'] },
              fields: [
                'kind',
                'metadata.name',
                'metadata.namespace',
                'relations',
              ],
              limit: PAGE,
            },
        { credentials },
      );
      entities.push(...page.items);
      cursor = page.pageInfo.nextCursor;
      isFirst = false;
    }
    return entities;
  }
}

function refOf(entity: Entity): string {
  return stringifyEntityRef(getCompoundEntityRef(entity));
}

function parentsOf({ relations = [] }: Entity): string[] {
  return relations
    .filter(({ type }) => type === RELATION_PART_OF)
    .map(({ targetRef }) => targetRef);
}
