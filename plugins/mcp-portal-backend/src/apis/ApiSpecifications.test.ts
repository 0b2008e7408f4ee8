import { mockServices } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { describing } from './__testUtils__/descriptions';
import { ApiSpecifications } from './ApiSpecifications';

function specificationsOf(definition: string) {
  const catalog = catalogServiceMock.mock();
  catalog.getEntitiesByRefs.mockImplementation(async () => ({
    items: [
      {
        apiVersion: 'backstage.io/v1alpha1',
        kind: 'API',
        metadata: { name: 'shop', etag: '1' },
        spec: { definition },
      },
    ],
  }));
  const specifications = new ApiSpecifications({
    catalog,
    auth: mockServices.auth(),
  });
  return { catalog, specifications };
}

describe('a description', () => {
  it.each([
    ['that is good', describing({}), 'fulfilled'],
    ['that cannot be used', '{"openapi":"2"}', 'rejected'],
  ])('%s is read once', async (_, definition, status) => {
    const { catalog, specifications } = specificationsOf(definition);
    const outcomes = [];
    for (let times = 0; times < 3; times++) {
      outcomes.push(
        ...(await Promise.allSettled([specifications.of('api:default/shop')])),
      );
    }
    expect(outcomes.map(outcome => outcome.status)).toEqual([
      status,
      status,
      status,
    ]);
    expect(catalog.getEntitiesByRefs).toHaveBeenCalledTimes(1);
  });

  it('that was read stays while the catalog is away, and goes with its entity', async () => {
    jest.useFakeTimers({ now: 0, doNotFake: ['setImmediate', 'nextTick'] });
    try {
      const { catalog, specifications } = specificationsOf(describing({}));
      const read = () => specifications.of('api:default/shop');
      const api = await read();
      catalog.getEntitiesByRefs.mockRejectedValueOnce(new Error('away'));
      jest.setSystemTime(11_000);
      expect(await read()).toBe(api);
      catalog.getEntitiesByRefs.mockResolvedValueOnce({ items: [undefined] });
      jest.setSystemTime(22_000);
      await expect(read()).rejects.toThrow('has no api:default/shop');
    } finally {
      jest.useRealTimers();
    }
    const nothing = specificationsOf(describing({}));
    nothing.catalog.getEntitiesByRefs.mockRejectedValue(new Error('away'));
    await expect(nothing.specifications.of('api:default/shop')).rejects.toThrow(
      'away',
    );
  });
});
