import { mockServices } from '@backstage/backend-test-utils';
import { AgentResources } from './AgentResources';

const ROOT = 'https://portal.example.com/base';

describe('AgentResources', () => {
  it('knows portals by their short URLs, as the same resources', async () => {
    const resources = await AgentResources.create({
      discovery: mockServices.discovery.mock({
        getExternalBaseUrl: async plugin => `${ROOT}/api/${plugin}`,
      }),
    });
    for (const [url, portal] of [
      [`${ROOT}/mcp`, 'default'],
      [`${ROOT}/mcp/`, 'default'],
      [`${ROOT}/mcp/finance`, 'finance'],
      [`${ROOT}/api/mcp-portal/v1/finance`, 'finance'],
      [`${ROOT}/api/mcp-portal/v1/apis/github`, 'apis/github'],
      [`${ROOT}/mcp/apis/github`, 'apis/github'],
    ]) {
      expect(resources.find(url)).toMatchObject({
        audience: `${ROOT}/api/mcp-portal/v1/${portal}`,
        portal,
      });
    }
    for (const url of [
      `${ROOT}/mcp-servers`,
      `${ROOT}/mcp/a/b`,
      `${ROOT}/mcp/apis/a/b`,
      `${ROOT}/mcp?x=1`,
      'https://portal.example.com/mcp',
    ]) {
      expect(resources.find(url)).toBeUndefined();
    }
  });
});
