import type { EntityMeta } from '@backstage/catalog-model';
import type { Random } from './random';
import { toTitle } from './names';

const GIT = 'https://git.meridian.example';

/** Where a thing lives in version control. */
export interface Repository {
  /** group/project */
  slug: string;
  /** The folder within it, '' for the root. */
  path: string;
}

/** The annotations that every entity has that was read from a file. */
export function locationAnnotations(repository: Repository) {
  const folder = repository.path ? `${repository.path}/` : '';
  const file = `url:${GIT}/${repository.slug}/blob/main/${folder}catalog-info.yaml`;
  return {
    'backstage.io/managed-by-location': file,
    'backstage.io/managed-by-origin-location': file,
  };
}

/** The location annotations of what is discovered from elsewhere, such as a directory of people. */
export function importedAnnotations(source: string) {
  const location = `url:https://${source}.meridian.example/export`;
  return {
    'backstage.io/managed-by-location': location,
    'backstage.io/managed-by-origin-location': location,
  };
}

const SOFTWARE_TAGS =
  'java,kotlin,go,typescript,python,rust,grpc,rest,kafka,postgresql,tier-1,tier-2,tier-3,pci,gdpr,customer-facing,internal,batch,streaming,event-sourced,multi-region,legacy,node,spring-boot'.split(
    ',',
  );

/**
 * The metadata of a piece of software, as full as a mature organisation has it:
 * locations, six and more annotations of the tools around it, labels, tags, links.
 */
export function softwareMetadata(
  random: Random,
  options: {
    name: string;
    description: string;
    system: string;
    area: string;
    repository: Repository;
  },
): EntityMeta {
  const { name, description, system, area, repository } = options;
  const folder = repository.path ? `${repository.path}/` : '';
  const source = `${GIT}/${repository.slug}/tree/main/${folder}`;
  const code = random.integer(0x100000, 0xffffff).toString(36).toUpperCase();
  const jira = area.slice(0, 4).toLocaleUpperCase('en-US');
  const tools = {
    'backstage.io/techdocs-ref': 'dir:.',
    'pagerduty.com/service-id': `P${code}`,
    'sonarqube.org/project-key': `${repository.slug.replace('/', ':')}:${name}`,
    'argocd/app-name': `${name}-production`,
    'sentry.io/project-slug': `meridian/${name}`,
    'jira/project-key': jira,
    'jira/component': name,
    'backstage.io/kubernetes-id': name,
    'backstage.io/kubernetes-namespace': `${area}-production`,
    'grafana/dashboard-selector': `(tags @> '${system}')`,
    'vault.io/secrets-path': `${area}/${name}`,
    'backstage.io/adr-location': 'docs/decisions',
  };
  const links = [
    [
      'dashboard',
      `https://grafana.meridian.example/d/${code}/${name}`,
      'Dashboard',
    ],
    ['runbook', `https://runbooks.meridian.example/${area}/${name}`, 'Runbook'],
    [
      'chat',
      `https://chat.meridian.example/channels/${area}-${system.slice(
        area.length + 1,
      )}`,
      'Team channel',
    ],
    ['pipeline', `${GIT}/${repository.slug}/-/pipelines`, 'Pipelines'],
    [
      'objectives',
      `https://slo.meridian.example/services/${name}`,
      'Service level objectives',
    ],
  ];
  return {
    name,
    namespace: 'default',
    title: toTitle(name),
    description,
    labels: {
      'meridian.example/area': area,
      'meridian.example/tier': `tier-${random.integer(1, 3)}`,
      'meridian.example/cost-centre': `cc-${random.integer(1000, 1999)}`,
    },
    annotations: {
      ...locationAnnotations(repository),
      'backstage.io/source-location': `url:${source}`,
      'github.com/project-slug': repository.slug,
      ...pickEntries(random, tools, random.integer(3, 8)),
    },
    tags: [area, ...random.sample(SOFTWARE_TAGS, random.integer(2, 5))],
    links: random
      .sample(links, random.integer(2, 5))
      .map(([type, url, title]) => ({ type, url, title, icon: type })),
  };
}

function pickEntries(
  random: Random,
  record: Record<string, string>,
  count: number,
): Record<string, string> {
  const kept = new Set(random.sample(Object.keys(record), count));
  return Object.fromEntries(
    Object.entries(record).filter(([key]) => kept.has(key)),
  );
}
