import type { Entity } from '@backstage/catalog-model';
import { Repository, softwareMetadata } from './metadata';
import { NameBook, spread } from './names';
import type { Random } from './random';
import type { SystemPlan } from './systems';
import { ROLES } from './words';

const SECOND_SENTENCES = [
  'Runs active-active in two regions.',
  'Deployed with every merge, some twenty times a day.',
  'Moved off the monolith in 2023.',
  'Holds personal data, so access is logged.',
  'Latency budget: 80 ms at the 99th percentile.',
  'Peaks on Monday mornings and at the end of the month.',
];

const LIBRARY_KINDS = 'client,model,testkit,ui-kit,validation,serde,sdk'.split(
  ',',
);
const PACKAGE_KINDS =
  'schema,config,tokens,protocol,eslint-rules,charts,pipeline'.split(',');

/** A component, with the plan of the system that it is part of. */
export interface Software {
  entity: Entity;
  system: SystemPlan;
}

/** Creates services: the first of a system is its system of record, later ones play other roles. */
export function createServices(
  random: Random,
  count: number,
  systems: SystemPlan[],
): Software[] {
  const names = new NameBook();
  const rolesOf = new Map(
    systems.map(system => [
      system,
      [ROLES[0], ...random.sample(ROLES.slice(1), ROLES.length - 1)],
    ]),
  );
  return spread(random, systems, count).map(system => {
    const role = rolesOf.get(system)!.shift() ?? random.pick(ROLES);
    const plural = `${system.area.name} ${system.topic.plural.replace(
      /-/g,
      ' ',
    )}`;
    return createComponent(random, {
      system,
      name: names.claim(`${system.name}-${role.name}`),
      type: 'service',
      folder: 'services',
      description: `${role.sentence.replace('{plural}', plural)} ${random.pick(
        SECOND_SENTENCES,
      )}`,
    });
  });
}

/** Creates libraries, which are code that others link. */
export function createLibraries(
  random: Random,
  count: number,
  systems: SystemPlan[],
): Software[] {
  const names = new NameBook();
  return spread(random, systems, count).map(system => {
    const kind = random.pick(LIBRARY_KINDS);
    return createComponent(random, {
      system,
      name: names.claim(`${system.name}-${kind}-lib`),
      type: 'library',
      folder: 'libraries',
      description: `The ${kind} of ${system.name}, for services that work with its ${system.topic.plural}.`,
    });
  });
}

/** Creates packages, which are published files that builds install. */
export function createPackages(
  random: Random,
  count: number,
  systems: SystemPlan[],
): Software[] {
  const names = new NameBook();
  return spread(random, systems, count).map(system => {
    const kind = random.pick(PACKAGE_KINDS);
    return createComponent(random, {
      system,
      name: names.claim(`${system.name}-${kind}-pkg`),
      type: 'package',
      folder: 'packages',
      description: `Published ${kind} of ${system.name}.`,
    });
  });
}

function createComponent(
  random: Random,
  options: {
    system: SystemPlan;
    name: string;
    type: string;
    folder: string;
    description: string;
  },
): Software {
  const { system, name, type, folder, description } = options;
  const repository: Repository = system.monorepo
    ? { slug: `${system.area.name}/${system.name}`, path: `${folder}/${name}` }
    : { slug: `${system.area.name}/${name}`, path: '' };
  const metadata = softwareMetadata(random, {
    name,
    description,
    system: system.name,
    area: system.area.name,
    repository,
  });
  const spec = {
    type,
    lifecycle: chooseLifecycle(random),
    owner: `group:default/${system.owner}`,
    system: system.name,
  };
  return {
    system,
    entity: {
      apiVersion: 'backstage.io/v1alpha1',
      kind: 'Component',
      metadata,
      spec,
    },
  };
}

/** Most software is in production, a tenth is new, a twelfth is on its way out. */
export function chooseLifecycle(random: Random): string {
  const draw = random.next();
  if (draw < 0.08) {
    return 'deprecated';
  }
  return draw < 0.18 ? 'experimental' : 'production';
}
