import type { Entity } from '@backstage/catalog-model';

/** Who calls, by entity ref. */
export const USER_REF = 'user:default/benchmark';

/** The group that the caller is in, which operator policies permit to write. */
export const TEAM_REF = 'group:default/engineering';

const ANNOTATIONS = {
  'backstage.io/managed-by-location': 'url:https://meridian.example/benchmark',
  'backstage.io/managed-by-origin-location':
    'url:https://meridian.example/benchmark',
};

/**
 * A catalog with the servers behind the portals, and who calls and owns them.
 *
 * @param urls - of the servers, by name
 */
export function createEntities(urls: Record<string, string>): Entity[] {
  return [
    entity('Domain', 'tools', { owner: TEAM_REF }),
    entity('System', 'tools', { owner: TEAM_REF, domain: 'tools' }),
    entity('Group', 'engineering', { type: 'team', children: [] }),
    entity('Group', 'company', { type: 'company', children: ['engineering'] }),
    entity('User', 'benchmark', { memberOf: ['engineering'] }),
    ...Object.entries(urls).map(([name, url]) =>
      entity('API', name, {
        type: 'mcp-server',
        lifecycle: 'production',
        owner: TEAM_REF,
        system: 'tools',
        remotes: [{ type: 'streamable-http', url }],
      }),
    ),
  ];
}

function entity(kind: string, name: string, spec: Entity['spec']): Entity {
  return {
    apiVersion:
      kind === 'API' ? 'backstage.io/v1beta1' : 'backstage.io/v1alpha1',
    kind,
    metadata: { name, annotations: ANNOTATIONS },
    spec,
  };
}
