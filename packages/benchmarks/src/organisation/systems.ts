import type { Entity } from '@backstage/catalog-model';
import { locationAnnotations } from './metadata';
import { NameBook, spread, toTitle } from './names';
import type { People } from './people';
import type { Random } from './random';
import type { OrganisationSizes } from './sizes';
import { AREAS, AreaWords, TOPICS, TopicWords } from './words';

/** A system, with the words that everything in it is named and described by. */
export interface SystemPlan {
  name: string;
  area: AreaWords;
  topic: TopicWords;
  owner: string;
  /** Whether its software shares one repository. */
  monorepo: boolean;
}

/** Plans which systems there are: each takes care of one topic in one area. */
export function planSystems(
  random: Random,
  sizes: OrganisationSizes,
  people: People,
): SystemPlan[] {
  const areas = AREAS.slice(0, sizes.domains);
  const topicsOf = new Map(
    areas.map(area => [area, random.sample(TOPICS, TOPICS.length)]),
  );
  const names = new NameBook();
  return spread(random, areas, sizes.systems).map(area => {
    const topics = topicsOf.get(area)!;
    const topic = topics.shift() ?? random.pick(TOPICS);
    return {
      name: names.claim(`${area.name}-${topic.name}`),
      area,
      topic,
      owner: people.chooseOwner(random, area.name),
      monorepo: random.chance(0.5),
    };
  });
}

/** The Domain entities, in the order of the areas. */
export function createDomains(
  random: Random,
  sizes: OrganisationSizes,
  people: People,
): Entity[] {
  return AREAS.slice(0, sizes.domains).map(({ name, about }) => ({
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Domain',
    metadata: {
      name,
      namespace: 'default',
      title: toTitle(name),
      description: `Everything about ${about}.`,
      annotations: locationAnnotations({ slug: `${name}/catalog`, path: '' }),
      tags: [name],
    },
    spec: { owner: people.chooseOwner(random, name) },
  }));
}

/** The System entities of the plans. */
export function createSystems(plans: SystemPlan[]): Entity[] {
  return plans.map(({ name, area, topic, owner }) => ({
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'System',
    metadata: {
      name,
      namespace: 'default',
      title: toTitle(name),
      description: `${toTitle(topic.plural)} for ${area.about}. ${
        topic.purpose
      }.`,
      annotations: {
        ...locationAnnotations({ slug: `${area.name}/${name}`, path: '' }),
        'backstage.io/techdocs-ref': 'dir:.',
        'jira/project-key': area.name.slice(0, 4).toLocaleUpperCase('en-US'),
      },
      tags: [area.name, topic.name],
      links: [
        {
          url: `https://wiki.meridian.example/${area.name}/${topic.name}`,
          title: 'Architecture',
        },
      ],
    },
    spec: { owner, domain: area.name },
  }));
}
