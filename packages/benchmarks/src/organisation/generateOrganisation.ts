import { createHash } from 'node:crypto';
import type { Entity } from '@backstage/catalog-model';
import { createApis } from './apis';
import { connect } from './dependencies';
import { createInfrastructure } from './infrastructure';
import { createPeople } from './people';
import { createRandom } from './random';
import { sizesAt } from './sizes';
import { createLibraries, createPackages, createServices } from './software';
import { createDomains, createSystems, planSystems } from './systems';

/**
 * Generates the catalog of an invented company, Meridian: more than 16,000
 * entities at scale 1, related as those of a real company are.
 *
 * Equal options give equal entities, in equal order.
 *
 * @param options.seed - any text
 * @param options.scale - multiplies the number of entities of every sort
 */
export function generateOrganisation(
  options: { seed?: string; scale?: number } = {},
): Entity[] {
  const { seed = 'meridian', scale = 1 } = options;
  const sizes = sizesAt(scale);
  const random = createRandom(seed);

  const people = createPeople(random.fork('people'), sizes);
  const domains = createDomains(random.fork('domains'), sizes, people);
  const systems = planSystems(random.fork('systems'), sizes, people);
  const infrastructure = createInfrastructure(
    random.fork('infrastructure'),
    sizes,
    systems,
    people,
  );
  const { clusters, ...systemResources } = infrastructure;
  const resources = Object.values(systemResources).flat();

  const services = createServices(
    random.fork('services'),
    sizes.services,
    systems,
  );
  const libraries = createLibraries(
    random.fork('libraries'),
    sizes.libraries,
    systems,
  );
  const packages = createPackages(
    random.fork('packages'),
    sizes.packages,
    systems,
  );
  const apis = createApis(random.fork('apis'), sizes.apis, services);
  connect(random.fork('dependencies'), {
    services,
    libraries,
    packages,
    apis,
    resources,
  });

  return [
    ...people.groups,
    ...people.users,
    ...domains,
    ...createSystems(systems),
    ...[services, libraries, packages].flat().map(({ entity }) => entity),
    ...apis,
    ...clusters,
    ...resources,
  ];
}

/** A short name of what an organisation consists of: equal for equal entities. */
export function hashOrganisation(entities: Entity[]): string {
  return createHash('sha256')
    .update(JSON.stringify(entities))
    .digest('hex')
    .slice(0, 16);
}
