import {
  Entity,
  parseEntityRef,
  RELATION_CHILD_OF,
  RELATION_MEMBER_OF,
  RELATION_OWNED_BY,
  RELATION_PART_OF,
  stringifyEntityRef,
} from '@backstage/catalog-model';

/** Where someone belongs. All are full entity refs in lower case. */
export interface Membership {
  /** Groups, and all groups above them: the nearest first. */
  teams: string[];
  /** Systems that one of the teams owns. */
  systems: string[];
  /** Domains that one of the teams owns, and those of the systems. */
  domains: string[];
}

/** The groups to which an entity is related, as full refs in lower case. */
export interface RelatedGroups {
  /** Of which a user is a member. */
  memberOf: string[];
  /** That own an entity. Owners that are users are left out. */
  ownedBy: string[];
}

interface System {
  ref: string;
  domains: string[];
}

/** What of a group, system or domain a chart needs. */
export const CHART_FIELDS = [
  'kind',
  'metadata.name',
  'metadata.namespace',
  'metadata.etag',
  'relations',
];

/** The groups, systems and domains of a catalog at one moment. */
export class OrganisationChart {
  /** Tells whether two charts are the same. */
  readonly fingerprint: string;
  /** Refs of the groups above each group. */
  readonly #parents = new Map<string, string[]>();
  /** By owner. */
  readonly #systems = new Map<string, System[]>();
  /** Refs by owner. */
  readonly #domains = new Map<string, string[]>();

  /** @param entities - with {@link CHART_FIELDS}; those of other kinds are ignored */
  constructor(entities: Entity[]) {
    this.fingerprint = entities
      .map(entity => `${stringifyEntityRef(entity)} ${entity.metadata.etag}`)
      .sort()
      .join('\n');
    for (const entity of entities) {
      this.#add(entity);
    }
  }

  get isEmpty(): boolean {
    return this.fingerprint === '';
  }

  /**
   * Where someone in the given groups belongs: in all groups above them too,
   * and to what one of all these owns. A group that the catalog does not have
   * does not count; who is in none gets empty lists.
   *
   * @param groups - full refs in lower case
   */
  membershipOf(groups: string[]): Membership {
    const teams = this.#withAncestors(groups);
    const systems = new Set<string>();
    const domains = new Set<string>();
    for (const team of teams) {
      for (const system of this.#systems.get(team) ?? []) {
        systems.add(system.ref);
        system.domains.forEach(domain => domains.add(domain));
      }
      this.#domains.get(team)?.forEach(domain => domains.add(domain));
    }
    return { teams, systems: [...systems], domains: [...domains] };
  }

  #add(entity: Entity): void {
    const ref = stringifyEntityRef(entity);
    const owners = targets(entity, RELATION_OWNED_BY, 'group');
    switch (entity.kind.toLocaleLowerCase('en-US')) {
      case 'group':
        // The catalog derives it from `spec.parent` and from the parent's `spec.children`.
        this.#parents.set(ref, targets(entity, RELATION_CHILD_OF, 'group'));
        break;
      case 'system':
        owners.forEach(owner =>
          append(this.#systems, owner, {
            ref,
            domains: targets(entity, RELATION_PART_OF, 'domain'),
          }),
        );
        break;
      case 'domain':
        owners.forEach(owner => append(this.#domains, owner, ref));
        break;
      default:
    }
  }

  /** Breadth first, so the nearest come first; each once, so that a cycle ends. */
  #withAncestors(groups: string[]): string[] {
    const found = new Set(groups.filter(group => this.#parents.has(group)));
    // A set hands out what is added while it is walked.
    for (const group of found) {
      for (const parent of this.#parents.get(group) ?? []) {
        if (this.#parents.has(parent)) {
          found.add(parent);
        }
      }
    }
    return [...found];
  }
}

/** The groups to which an entity is related. */
export function relatedGroups(entity: Entity): RelatedGroups {
  return {
    memberOf: targets(entity, RELATION_MEMBER_OF, 'group'),
    ownedBy: targets(entity, RELATION_OWNED_BY, 'group'),
  };
}

/** Refs of the given kind to which an entity has a relation. */
function targets(entity: Entity, relation: string, kind: string): string[] {
  return (entity.relations ?? [])
    .filter(({ type }) => type === relation)
    .map(({ targetRef }) => parseEntityRef(targetRef))
    .filter(target => target.kind.toLocaleLowerCase('en-US') === kind)
    .map(stringifyEntityRef);
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const values = map.get(key);
  if (values) {
    values.push(value);
  } else {
    map.set(key, [value]);
  }
}
