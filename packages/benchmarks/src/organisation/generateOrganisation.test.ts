import {
  DefaultNamespaceEntityPolicy,
  Entity,
  EntityPolicies,
  FieldFormatEntityPolicy,
  NoForeignRootFieldsEntityPolicy,
  SchemaValidEntityPolicy,
  apiEntityV1alpha1Validator,
  componentEntityV1alpha1Validator,
  domainEntityV1alpha1Validator,
  groupEntityV1alpha1Validator,
  parseEntityRef,
  resourceEntityV1alpha1Validator,
  stringifyEntityRef,
  systemEntityV1alpha1Validator,
  userEntityV1alpha1Validator,
} from '@backstage/catalog-model';
import { generateOrganisation, hashOrganisation } from './generateOrganisation';

const VALIDATORS = [
  apiEntityV1alpha1Validator,
  componentEntityV1alpha1Validator,
  domainEntityV1alpha1Validator,
  groupEntityV1alpha1Validator,
  resourceEntityV1alpha1Validator,
  systemEntityV1alpha1Validator,
  userEntityV1alpha1Validator,
];

const entities = generateOrganisation();
const byRef = new Map(
  entities.map(entity => [stringifyEntityRef(entity), entity]),
);

const count = (kind: string, ...types: string[]) =>
  entities.filter(
    entity =>
      entity.kind === kind &&
      (types.length === 0 || types.includes(entity.spec!.type as string)),
  ).length;

const dependenciesOf = (entity: Entity) =>
  (entity.spec!.dependsOn ?? []) as string[];

describe('generateOrganisation', () => {
  it('has as many entities of each sort as the reference organisation', () => {
    expect({
      services: count('Component', 'service'),
      libraries: count('Component', 'library'),
      packages: count('Component', 'package'),
      apis: count('API'),
      systems: count('System'),
      domains: count('Domain'),
      databases: count('Resource', 'database'),
      clickHouseTables: count('Resource', 'clickhouse-table'),
      clusters: count('Resource', 'kubernetes-cluster'),
      groups: count('Group'),
      users: count('User'),
    }).toEqual({
      services: 2_055,
      libraries: 167,
      packages: 122,
      apis: 228,
      systems: 544,
      domains: 45,
      databases: 1_302,
      clickHouseTables: 277,
      clusters: 173,
      groups: 375,
      users: 6_389,
    });
    expect(entities.length).toBeGreaterThan(16_000);
  });

  it('gives every entity a ref of its own', () => {
    expect(byRef.size).toBe(entities.length);
  });

  it('gives the same entities for the same seed, and others for another', () => {
    const hash = hashOrganisation(entities);
    expect(hashOrganisation(generateOrganisation())).toBe(hash);
    expect(hashOrganisation(generateOrganisation({ seed: 'other' }))).not.toBe(
      hash,
    );
  });

  it('passes the entity policies and the schema of its kind, everywhere', async () => {
    const policy = EntityPolicies.allOf([
      new DefaultNamespaceEntityPolicy(),
      new FieldFormatEntityPolicy(),
      new NoForeignRootFieldsEntityPolicy(),
      new SchemaValidEntityPolicy(),
    ]);
    for (const entity of entities) {
      await policy.enforce(entity);
      const verdicts = await Promise.all(VALIDATORS.map(v => v.check(entity)));
      expect(verdicts.filter(Boolean)).toHaveLength(1);
    }
  });

  it('keeps every reference but dependencies intact', () => {
    for (const entity of entities) {
      const { owner, system, domain, parent, memberOf, children } =
        entity.spec as Record<string, string & string[]>;
      const refs = [
        [owner, 'group'],
        [system, 'system'],
        [domain, 'domain'],
        [parent, 'group'],
        ...(memberOf ?? []).map(team => [team, 'group']),
        ...(children ?? []).map(team => [team, 'group']),
      ];
      for (const [ref, defaultKind] of refs.filter(([name]) => name)) {
        const full = stringifyEntityRef(
          parseEntityRef(ref, { defaultKind, defaultNamespace: 'default' }),
        );
        expect(byRef.has(full) ? '' : full).toBe('');
      }
    }
  });

  it('leaves about two per cent of the dependencies dangling', () => {
    const refs = entities.flatMap(dependenciesOf);
    const dangling = refs.filter(ref => !byRef.has(ref));
    expect(refs.length).toBeGreaterThan(7_000);
    expect(dangling.length / refs.length).toBeGreaterThan(0.01);
    expect(dangling.length / refs.length).toBeLessThan(0.03);
  });

  it('has a few services with more than 300 dependents, and many with few', () => {
    const dependents = new Map<string, number>();
    for (const ref of entities.flatMap(dependenciesOf)) {
      dependents.set(ref, (dependents.get(ref) ?? 0) + 1);
    }
    const counts = [...dependents.values()];
    const hubs = counts.filter(n => n > 300);
    expect(hubs.length).toBeGreaterThanOrEqual(2);
    expect(hubs.length).toBeLessThanOrEqual(6);
    expect(counts.filter(n => n <= 3).length).toBeGreaterThan(1_000);
  });

  it('has dependency cycles', () => {
    const pairs = entities.filter(entity =>
      dependenciesOf(entity).some(ref => {
        const target = byRef.get(ref);
        return (
          target && dependenciesOf(target).includes(stringifyEntityRef(entity))
        );
      }),
    );
    expect(pairs.length).toBeGreaterThan(5);
    expect(pairs.length).toBeLessThan(100);
  });

  it('describes services as fully as a mature organisation does', () => {
    const services = entities.filter(({ spec }) => spec?.type === 'service');
    for (const service of services) {
      const { metadata } = service;
      expect(Object.keys(metadata.annotations!).length).toBeGreaterThanOrEqual(
        6,
      );
      expect(metadata.tags!.length).toBeGreaterThanOrEqual(3);
      expect(metadata.links!.length).toBeGreaterThanOrEqual(2);
      expect(dependenciesOf(service).length).toBeLessThanOrEqual(8);
    }
    const deprecated = services.filter(
      ({ spec }) => spec!.lifecycle === 'deprecated',
    );
    expect(deprecated.length).toBeGreaterThan(50);
  });

  it('gives each API a definition of some kilobytes', () => {
    const sizes = entities
      .filter(({ kind }) => kind === 'API')
      .map(({ spec }) => (spec!.definition as string).length)
      .sort((a, b) => a - b);
    expect(sizes[0]).toBeGreaterThan(700);
    expect(sizes[sizes.length >> 1]).toBeGreaterThan(4_000);
    expect(sizes.at(-1)).toBeLessThan(16_000);
  });

  it('can be scaled down', () => {
    const small = generateOrganisation({ scale: 0.01 });
    expect(small.length).toBeGreaterThan(100);
    expect(small.length).toBeLessThan(250);
  });
});
