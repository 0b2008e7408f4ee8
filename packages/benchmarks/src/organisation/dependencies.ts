import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { createPopularityChooser, Random } from './random';
import type { Software } from './software';

/** The areas whose services everybody needs. */
const FOUNDATION_AREAS = new Set(
  'identity,access,platform,observability,experiments,edge,security,ledger'.split(
    ',',
  ),
);

/** What those services take care of, when they are the best known. */
const FOUNDATION_TOPICS = new Set(
  'sessions,tokens,policies,audit,metrics,events,profiles,quotas'.split(','),
);

/** How many dependencies a service has: the index is the number, the value its weight. */
const FAN_OUT_WEIGHTS = [5, 9, 14, 18, 18, 14, 11, 7, 4];
const MAX_FAN_OUT = FAN_OUT_WEIGHTS.length - 1;

/** The share of dependencies that point to something that is no longer in the catalog. */
const DANGLING_SHARE = 0.02;

/** The share of services that depend on something that depends on them. */
const CYCLE_SHARE = 0.01;

/** What the dependency graph is drawn between. */
export interface Landscape {
  services: Software[];
  libraries: Software[];
  packages: Software[];
  apis: Entity[];
  /** Databases, topics and other resources that belong to systems. */
  resources: Entity[];
}

/**
 * Gives each service 0 to 8 dependencies, and some of them APIs that they consume.
 *
 * Services lie in layers and mostly depend downwards; a few foundations have
 * hundreds of dependents. A few cycles run against the layers, and a few
 * references lead nowhere, as in every catalog that people maintain.
 */
export function connect(random: Random, landscape: Landscape): void {
  const { services, libraries, packages, apis, resources } = landscape;
  const layers = layer(random, services);
  const chooseFoundation = createPopularityChooser(layers[0], {
    exponent: 1.15,
    shift: 3,
  });
  const chooseLibrary = createPopularityChooser(libraries, {
    exponent: 0.9,
    shift: 2,
  });
  const choosePackage = createPopularityChooser(packages, {
    exponent: 0.9,
    shift: 2,
  });
  const chooseApi = createPopularityChooser(apis, { exponent: 0.8, shift: 2 });
  const resourcesOf = groupBySystem(resources);
  const servicesOf = new Map<string, Software[]>();
  for (const service of services) {
    append(servicesOf, service.system.area.name, service);
  }

  layers.forEach((members, depth) => {
    for (const service of members) {
      const own = resourcesOf.get(service.system.name) ?? [];
      const below = depth === 0 ? [] : layers[depth - 1];
      const nearby = servicesOf
        .get(service.system.area.name)!
        .filter(other => below.includes(other));
      const refs = new Set<string>();
      for (let left = fanOut(random); left > 0; left--) {
        const draw = random.next();
        if (draw < 0.3 && own.length > 0) {
          refs.add(refOf(random.pick(own)));
        } else if (draw < 0.4) {
          refs.add(refOf(chooseLibrary(random).entity));
        } else if (depth === 0 || draw < 0.75) {
          refs.add(refOf(chooseFoundation(random).entity));
        } else {
          const pool = nearby.length > 0 && random.chance(0.7) ? nearby : below;
          refs.add(refOf(random.pick(pool).entity));
        }
      }
      refs.delete(refOf(service.entity));
      depend(random, service.entity, refs);
      if (random.chance(0.35)) {
        consume(random, service.entity, chooseApi);
      }
    }
  });
  for (const library of libraries) {
    const refs = random.chance(0.5)
      ? [refOf(choosePackage(random).entity)]
      : [];
    depend(random, library.entity, refs);
  }
  closeCycles(random, services);
}

/** Four layers, foundations first and among them the most prominent; a service's area decides whether it can be one. */
function layer(random: Random, services: Software[]): Software[][] {
  const layers: Software[][] = [[], [], [], []];
  for (const service of services) {
    const isFoundation =
      FOUNDATION_AREAS.has(service.system.area.name) &&
      (prominence(service) === 2 || random.chance(0.04));
    layers[isFoundation ? 0 : random.integer(1, 3)].push(service);
  }
  layers[0].sort((a, b) => prominence(b) - prominence(a));
  if (layers[0].length === 0) {
    layers[0].push(services[0]);
  }
  return layers.filter(members => members.length > 0);
}

function prominence({ entity, system }: Software): number {
  const isSystemOfRecord = entity.metadata.name.endsWith('-service');
  return (
    Number(isSystemOfRecord) + Number(FOUNDATION_TOPICS.has(system.topic.name))
  );
}

function fanOut(random: Random): number {
  let left = random.next() * FAN_OUT_WEIGHTS.reduce((a, b) => a + b);
  return FAN_OUT_WEIGHTS.findIndex(weight => (left -= weight) < 0);
}

function depend(random: Random, entity: Entity, refs: Iterable<string>): void {
  const dependsOn = [...refs].map(ref => maybeDangling(random, ref));
  if (dependsOn.length > 0) {
    (entity.spec as Record<string, unknown>).dependsOn = dependsOn;
  }
}

function consume(
  random: Random,
  entity: Entity,
  chooseApi: (random: Random) => Entity,
): void {
  const refs = new Set<string>();
  for (let left = random.integer(1, 3); left > 0; left--) {
    refs.add(refOf(chooseApi(random)));
  }
  (entity.spec as Record<string, unknown>).consumesApis = [...refs].map(ref =>
    maybeDangling(random, ref),
  );
}

function maybeDangling(random: Random, ref: string): string {
  return random.chance(DANGLING_SHARE) ? `${ref}-retired` : ref;
}

function closeCycles(random: Random, services: Software[]): void {
  const byRef = new Map(services.map(({ entity }) => [refOf(entity), entity]));
  const count = Math.ceil(services.length * CYCLE_SHARE);
  for (const { entity } of random.sample(services, count)) {
    const refs = (entity.spec!.dependsOn ?? []) as string[];
    const target = refs
      .map(ref => byRef.get(ref))
      .find(other => other && dependencyCount(other) < MAX_FAN_OUT);
    if (target) {
      const back = (target.spec!.dependsOn ?? []) as string[];
      (target.spec as Record<string, unknown>).dependsOn = [
        ...new Set([...back, refOf(entity)]),
      ];
    }
  }
}

function dependencyCount(entity: Entity): number {
  return ((entity.spec!.dependsOn ?? []) as string[]).length;
}

function groupBySystem(entities: Entity[]): Map<string, Entity[]> {
  const groups = new Map<string, Entity[]>();
  for (const entity of entities) {
    append(groups, entity.spec!.system as string, entity);
  }
  return groups;
}

function append<T>(groups: Map<string, T[]>, key: string, item: T): void {
  const group = groups.get(key);
  if (group) {
    group.push(item);
  } else {
    groups.set(key, [item]);
  }
}

function refOf(entity: Entity): string {
  return stringifyEntityRef(entity);
}
