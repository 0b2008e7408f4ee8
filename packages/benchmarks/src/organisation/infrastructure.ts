import type { Entity } from '@backstage/catalog-model';
import { importedAnnotations } from './metadata';
import { NameBook, spread } from './names';
import type { People } from './people';
import type { Random } from './random';
import type { OrganisationSizes } from './sizes';
import type { SystemPlan } from './systems';

const DATABASES = [
  ['db', 'The primary PostgreSQL database'],
  ['read-db', 'A read replica for reports'],
  ['outbox-db', 'The transactional outbox'],
  ['archive-db', 'Rows that are older than a year'],
  ['index-db', 'The OpenSearch index'],
];

const CLICKHOUSE_TABLES = ['events', 'daily', 'hourly', 'facts', 'dimensions'];

const TOPIC_EVENTS =
  'created,updated,deleted,expired,approved,rejected,requested'.split(',');

const CLOUD_RESOURCES = [
  ['bucket', 's3-bucket', 'Object store'],
  ['queue', 'sqs-queue', 'Work queue'],
  ['dead-letters', 'sqs-queue', 'Dead letter queue'],
  ['cache', 'redis-cache', 'Cache in memory'],
  ['secrets', 'secret-store', 'Credentials'],
  ['balancer', 'load-balancer', 'Load balancer'],
];

const REGIONS =
  'eu-west-1,eu-central-1,eu-north-1,us-east-1,us-west-2,ap-south-1,ap-southeast-2,sa-east-1'.split(
    ',',
  );

/** What software runs on and stores to. */
export interface Infrastructure {
  clusters: Entity[];
  databases: Entity[];
  clickHouseTables: Entity[];
  kafkaTopics: Entity[];
  cloudResources: Entity[];
}

/** Creates all Resource entities; those of a system carry its name in `spec.system`. */
export function createInfrastructure(
  random: Random,
  sizes: OrganisationSizes,
  systems: SystemPlan[],
  people: People,
): Infrastructure {
  const names = new NameBook();
  const clusters = Array.from({ length: sizes.clusters }, (_, index) => {
    const stage = ['prod', 'staging', 'dev'][index % 3];
    const region = REGIONS[Math.floor(index / 3) % REGIONS.length];
    const name = names.claim(`${stage}-${region}-kube`);
    return createResource({
      name,
      type: 'kubernetes-cluster',
      description: `Kubernetes cluster ${name} in ${region}.`,
      owner: people.chooseOwner(random, 'platform'),
      source: 'clusters',
      tags: [stage, region],
    });
  });
  const ofSystems = (
    count: number,
    describe: (system: SystemPlan) => ResourceWords,
  ) =>
    spread(random, systems, count).map(system => {
      const words = describe(system);
      return createResource({
        ...words,
        name: names.claim(words.name, words.separator),
        owner: system.owner,
        system: system.name,
        tags: [system.area.name, system.topic.name],
      });
    });

  return {
    clusters,
    databases: ofSystems(sizes.databases, ({ name, topic }) => {
      const [suffix, what] = random.pick(DATABASES);
      return {
        name: `${name}-${suffix}`,
        type: 'database',
        description: `${what} of ${topic.plural} in ${name}.`,
        source: 'databases',
        dependsOn: random.chance(0.4)
          ? [`resource:default/${random.pick(clusters).metadata.name}`]
          : undefined,
      };
    }),
    clickHouseTables: ofSystems(sizes.clickHouseTables, ({ name, topic }) => {
      const suffix = random.pick(CLICKHOUSE_TABLES);
      return {
        name: `${name.replace(/-/g, '_')}_${suffix}`,
        separator: '_',
        type: 'clickhouse-table',
        description: `The ${suffix} of ${topic.plural}, kept for 400 days.`,
        source: 'clickhouse',
      };
    }),
    kafkaTopics: ofSystems(sizes.kafkaTopics, ({ area, topic }) => {
      const event = random.pick(TOPIC_EVENTS);
      return {
        name: `${area.name}.${topic.name}.${topic.resource}-${event}.v1`,
        separator: '-part',
        type: 'kafka-topic',
        description: `One message for each ${topic.resource} that was ${event}. Key: its id.`,
        source: 'kafka',
      };
    }),
    cloudResources: ofSystems(sizes.cloudResources, ({ name }) => {
      const [suffix, type, what] = random.pick(CLOUD_RESOURCES);
      return {
        name: `${name}-${suffix}`,
        type,
        description: `${what} of ${name}.`,
        source: 'cloud',
      };
    }),
  };
}

interface ResourceWords {
  name: string;
  type: string;
  description: string;
  /** The inventory that it was imported from. */
  source: string;
  separator?: string;
  dependsOn?: string[];
}

function createResource(
  options: ResourceWords & { owner: string; system?: string; tags: string[] },
): Entity {
  const { name, type, description, source, owner, system, tags } = options;
  const spec = {
    type,
    owner: `group:default/${owner}`,
    ...(system && { system }),
    ...(options.dependsOn && { dependsOn: options.dependsOn }),
  };
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Resource',
    metadata: {
      name,
      namespace: 'default',
      description,
      annotations: {
        ...importedAnnotations(source),
        'meridian.example/inventory-id': `${source}/${name}`,
      },
      tags,
      links: [
        {
          url: `https://${source}.meridian.example/${name}`,
          title: 'Inventory',
        },
      ],
    },
    spec,
  };
}
