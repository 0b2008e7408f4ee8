import type { AuthService } from '@backstage/backend-plugin-api';
import {
  Entity,
  parseEntityRef,
  RELATION_CHILD_OF,
  RELATION_MEMBER_OF,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { LRUCache } from 'lru-cache';

/** People join and leave less often than pages are read. */
const CACHE_MS = 10 * 60_000;
const MAX_CACHED = 1_000;

/** How many users there are, so that it can be said how many of them use models. */
export interface UserCount {
  /**
   * Users of the catalog.
   *
   * @param team - entity ref of a group: only its members, and those of groups in it
   */
  count(team?: string): Promise<number>;
}

/** Counts users of the catalog with the plugin's own credentials: nobody learns who they are. */
export class CatalogUsers implements UserCount {
  readonly #catalog: Pick<CatalogService, 'getEntities' | 'queryEntities'>;
  readonly #auth: Pick<AuthService, 'getOwnServiceCredentials'>;
  readonly #counts = new LRUCache<string, number>({
    max: MAX_CACHED,
    ttl: CACHE_MS,
  });

  constructor(options: {
    catalog: Pick<CatalogService, 'getEntities' | 'queryEntities'>;
    auth: Pick<AuthService, 'getOwnServiceCredentials'>;
  }) {
    this.#catalog = options.catalog;
    this.#auth = options.auth;
  }

  async count(team?: string): Promise<number> {
    const known = this.#counts.get(team ?? '');
    if (known !== undefined) {
      return known;
    }
    const count = await this.#ask(team);
    this.#counts.set(team ?? '', count);
    return count;
  }

  async #ask(team: string | undefined): Promise<number> {
    const credentials = await this.#auth.getOwnServiceCredentials();
    const filter: Record<string, string | string[]> = { kind: 'User' };
    if (team !== undefined) {
      filter[`relations.${RELATION_MEMBER_OF}`] = await this.#groupsIn(team);
    }
    const { totalItems } = await this.#catalog.queryEntities(
      { filter, limit: 1, fields: ['kind'] },
      { credentials },
    );
    return totalItems;
  }

  /** A group, and all in it. */
  async #groupsIn(team: string): Promise<string[]> {
    const credentials = await this.#auth.getOwnServiceCredentials();
    const { items } = await this.#catalog.getEntities(
      {
        filter: { kind: 'Group' },
        fields: ['kind', 'metadata.name', 'metadata.namespace', 'relations'],
      },
      { credentials },
    );
    const children = new Map<string, string[]>();
    for (const group of items) {
      for (const parent of parentsOf(group)) {
        children.set(parent, [
          ...(children.get(parent) ?? []),
          stringifyEntityRef(group),
        ]);
      }
    }
    const found = new Set([stringifyEntityRef(parseEntityRef(team))]);
    // A set also visits what is added while it is walked through.
    for (const group of found) {
      children.get(group)?.forEach(child => found.add(child));
    }
    return [...found];
  }
}

function parentsOf({ relations = [] }: Entity): string[] {
  return relations
    .filter(({ type }) => type === RELATION_CHILD_OF)
    .map(({ targetRef }) => stringifyEntityRef(parseEntityRef(targetRef)));
}
