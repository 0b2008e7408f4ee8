import type { Entity } from '@backstage/catalog-model';
import { asyncApiDefinition } from './definitions/asyncApi';
import { graphQlDefinition } from './definitions/graphQl';
import { grpcDefinition } from './definitions/grpc';
import { openApiDefinition } from './definitions/openApi';
import { softwareMetadata } from './metadata';
import { NameBook } from './names';
import type { Random } from './random';
import { chooseLifecycle, Software } from './software';
import type { SystemPlan } from './systems';
import { TOPICS, TopicWords } from './words';

const SUFFIXES = {
  openapi: 'rest',
  asyncapi: 'events',
  graphql: 'graph',
  grpc: 'grpc',
};

type ApiType = keyof typeof SUFFIXES;

/**
 * Creates APIs, each provided by a service that it is added to.
 *
 * @param services - one API for each of the first so many services that are in random order
 */
export function createApis(
  random: Random,
  count: number,
  services: Software[],
): Entity[] {
  const names = new NameBook();
  return random.sample(services, count).map(({ entity: provider, system }) => {
    const type = chooseType(random);
    const name = names.claim(`${system.name}-${SUFFIXES[type]}`);
    (provider.spec as Record<string, unknown>).providesApis = [name];
    const others = random
      .sample(TOPICS, random.integer(0, 1))
      .filter(topic => topic !== system.topic);
    return {
      apiVersion: 'backstage.io/v1alpha1',
      kind: 'API',
      metadata: softwareMetadata(random, {
        name,
        description: `${system.topic.plural.replace(
          /-/g,
          ' ',
        )} for other teams. ${system.topic.purpose}.`,
        system: system.name,
        area: system.area.name,
        repository: { slug: `${system.area.name}/${name}`, path: 'api' },
      }),
      spec: {
        type,
        lifecycle: chooseLifecycle(random),
        owner: `group:default/${system.owner}`,
        system: system.name,
        definition: define(random, type, system, [system.topic, ...others]),
      },
    };
  });
}

function chooseType(random: Random): ApiType {
  const draw = random.next();
  if (draw < 0.72) {
    return 'openapi';
  }
  if (draw < 0.83) {
    return 'asyncapi';
  }
  return draw < 0.92 ? 'grpc' : 'graphql';
}

function define(
  random: Random,
  type: ApiType,
  system: SystemPlan,
  topics: TopicWords[],
): string {
  switch (type) {
    case 'asyncapi':
      return asyncApiDefinition(system, topics);
    case 'graphql':
      return graphQlDefinition(topics);
    case 'grpc':
      return grpcDefinition(system, topics);
    default:
      return openApiDefinition(random, system, topics);
  }
}
