import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  ServiceFactoryTester,
  createMockDirectory,
  mockServices,
} from '@backstage/backend-test-utils';
import { Entity } from '@backstage/catalog-model';
import { ConfigReader } from '@backstage/config';
import {
  CatalogCompleteness,
  catalogCompletenessServiceRef,
} from './CatalogCompleteness';
import { readDeclaredEntities } from './declaredEntities';
import { demoRootHealthFactory } from './demoRootHealthFactory';
import { missingFromCatalog } from './missingFromCatalog';

function component(name: string, owner?: string): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { name },
    spec: owner ? { owner } : {},
  };
}

const team: Entity = { ...component('team'), kind: 'Group' };

describe('demoRootHealthFactory', () => {
  it('is ready between startup and shutdown, once the catalog is complete', async () => {
    const completeness = new CatalogCompleteness();
    const lifecycle = mockServices.rootLifecycle.mock();
    const health = await ServiceFactoryTester.from(demoRootHealthFactory, {
      dependencies: [
        createServiceFactory({
          service: catalogCompletenessServiceRef,
          deps: {},
          factory: () => completeness,
        }),
        createServiceFactory({
          service: coreServices.rootLifecycle,
          deps: {},
          factory: () => lifecycle,
        }),
      ],
    }).getSubject();
    const [startup] = lifecycle.addStartupHook.mock.calls[0];
    const [beforeShutdown] = lifecycle.addBeforeShutdownHook.mock.calls[0];

    await expect(health.getLiveness()).resolves.toMatchObject({ status: 200 });
    await expect(health.getReadiness()).resolves.toMatchObject({
      status: 503,
      payload: { message: 'Backend has not started yet' },
    });
    await startup();
    await expect(health.getReadiness()).resolves.toMatchObject({
      status: 503,
      payload: { message: 'The demo organisation is still being read' },
    });
    completeness.markComplete();
    await completeness.whenComplete();
    await expect(health.getReadiness()).resolves.toEqual({
      status: 200,
      payload: { status: 'ok' },
    });
    await beforeShutdown();
    await expect(health.getReadiness()).resolves.toMatchObject({
      status: 503,
      payload: { message: 'Backend is shutting down' },
    });
  });
});

describe('missingFromCatalog', () => {
  const ownedBy = (targetRef: string) => [{ type: 'ownedBy', targetRef }];

  it('names entities that are absent', () => {
    expect(missingFromCatalog([team, component('a')], [team])).toEqual([
      'component:default/a',
    ]);
  });

  it('names owner relations that are not stitched yet', () => {
    const declared = [team, component('a', 'team')];
    expect(missingFromCatalog(declared, declared)).toEqual([
      'component:default/a ownedBy group:default/team',
    ]);
    expect(
      missingFromCatalog(declared, [
        team,
        {
          ...component('a', 'team'),
          relations: ownedBy('group:default/team'),
        },
      ]),
    ).toEqual([]);
  });

  it('does not wait for an owner that nobody declares', () => {
    const declared = [component('a', 'dissolved'), component('b')];
    expect(missingFromCatalog(declared, declared)).toEqual([]);
  });
});

describe('readDeclaredEntities', () => {
  const files = createMockDirectory();

  function configFor(target: string) {
    return new ConfigReader({
      catalog: {
        locations: [
          { type: 'file', target: files.resolve(target) },
          { type: 'url', target: 'https://example.com/not-read.yaml' },
        ],
      },
    });
  }

  it('follows locations and reads every document', async () => {
    files.setContent({
      'all.yaml': 'kind: Location\nspec: { targets: [./sub/more.yaml] }',
      sub: {
        'more.yaml':
          '---\nkind: Location\nspec: { target: ../leaf.yaml }\n---\nkind: User\n---\n',
      },
      'leaf.yaml': 'kind: Group',
    });
    const entities = await readDeclaredEntities(configFor('all.yaml'));
    expect(entities.map(({ kind }) => kind)).toEqual([
      'Location',
      'Location',
      'User',
      'Group',
    ]);
  });

  it('says which file is not YAML', async () => {
    files.setContent({ 'broken.yaml': 'kind: [Location' });
    await expect(
      readDeclaredEntities(configFor('broken.yaml')),
    ).rejects.toThrow(`Could not read ${files.resolve('broken.yaml')}`);
  });
});
