import type { Entity } from '@backstage/catalog-model';

/** Who asks, by entity ref. */
export const USER_REF = 'user:default/benchmark';

const TEAM_REF = 'group:default/engineering';

const ANNOTATIONS = {
  'backstage.io/managed-by-location': 'url:https://meridian.example/benchmark',
  'backstage.io/managed-by-origin-location':
    'url:https://meridian.example/benchmark',
};

/** A catalog with who asks, and what the usage is attributed to. */
export function createEntities(): Entity[] {
  return [
    entity('Domain', 'models', { owner: TEAM_REF }),
    entity('System', 'models', { owner: TEAM_REF, domain: 'models' }),
    entity('Group', 'engineering', { type: 'team', children: [] }),
    entity('Group', 'company', { type: 'company', children: ['engineering'] }),
    entity('User', 'benchmark', { memberOf: ['engineering'] }),
  ];
}

function entity(kind: string, name: string, spec: Entity['spec']): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind,
    metadata: { name, annotations: ANNOTATIONS },
    spec,
  };
}
