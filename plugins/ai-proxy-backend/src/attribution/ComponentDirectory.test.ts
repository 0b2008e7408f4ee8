import { mockServices } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { ComponentDirectory } from './ComponentDirectory';

const entity = (kind: string, name: string, partOf: string[] = []): Entity => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind,
  metadata: { name, namespace: 'default' },
  relations: partOf.map(targetRef => ({ type: 'partOf', targetRef })),
});

const SHOP = entity('Component', 'shop', ['system:default/sales']);
const ATTRIBUTION = {
  component: 'component:default/shop',
  system: 'system:default/sales',
  domain: 'domain:default/retail',
};

function start() {
  const catalog = catalogServiceMock({
    entities: [SHOP, entity('System', 'sales', ['domain:default/retail'])],
  });
  const queryEntities = jest.spyOn(catalog, 'queryEntities');
  const time = { ms: 0 };
  const logger = mockServices.logger.mock();
  const components = new ComponentDirectory({
    auth: mockServices.auth(),
    catalog,
    logger,
    clock: () => time.ms,
  });
  return { components, queryEntities, time, logger };
}

describe('components of the catalog', () => {
  it('are found with their system and domain, as clients write them', async () => {
    const { components } = start();
    expect(components.find('shop')).toEqual({});
    await components.refresh();
    for (const named of ['shop', 'Component:Default/Shop', 'default/shop']) {
      expect(components.find(named)).toEqual(ATTRIBUTION);
    }
    for (const named of ['system:sales', 'constructor', '', undefined, 7]) {
      expect(components.find(named)).toEqual({});
    }
  });

  it('are read again after five minutes, and at the next occasion when that failed', async () => {
    const { components, queryEntities, time, logger } = start();
    queryEntities.mockRejectedValueOnce(new Error('not ready'));
    await components.refresh();
    expect(logger.warn).toHaveBeenCalledTimes(1);
    time.ms += 15_000;
    await components.refresh();
    expect(components.find('shop')).toEqual(ATTRIBUTION);
    time.ms += 4 * 60_000;
    await components.refresh();
    expect(queryEntities).toHaveBeenCalledTimes(2);
    time.ms += 60_000;
    queryEntities.mockRejectedValueOnce(new Error('down'));
    await components.refresh();
    expect(components.find('shop')).toEqual(ATTRIBUTION);
    await components.refresh();
    expect(queryEntities).toHaveBeenCalledTimes(4);
  });
});
