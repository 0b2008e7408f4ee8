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
});
