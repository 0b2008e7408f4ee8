import { catalogEntityReadPermission } from '@backstage/plugin-catalog-common/alpha';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import type { PolicyQueryUser } from '@backstage/plugin-permission-node';
import { agentAuthPermissions } from '@prompt-corner/plugin-agent-auth-common';
import { aiProxyPermissions } from '@prompt-corner/plugin-ai-proxy-common';
import {
  mcpPortalAuditReadPermission,
  mcpPortalServersApprovePermission,
  mcpPortalServersProposePermission,
} from '@prompt-corner/plugin-mcp-portal-common';
import { PortalPolicy } from './PortalPolicy';

const member = (...ownershipEntityRefs: string[]) =>
  ({ info: { ownershipEntityRefs } } as PolicyQueryUser);

describe('PortalPolicy', () => {
  const policy = new PortalPolicy({
    administrators: ['group:default/platform-team'],
  });
  const ada = member('user:default/ada', 'group:default/platform-team');
  const linus = member('user:default/linus');

  it('lets only administrators run agent access, the AI proxy and the MCP portal', async () => {
    for (const permission of [
      ...agentAuthPermissions,
      ...aiProxyPermissions,
      mcpPortalServersApprovePermission,
      mcpPortalAuditReadPermission,
    ]) {
      expect(await policy.handle({ permission }, ada)).toEqual({
        result: AuthorizeResult.ALLOW,
      });
      for (const user of [linus, undefined]) {
        expect(await policy.handle({ permission }, user)).toEqual({
          result: AuthorizeResult.DENY,
        });
      }
    }
  });

  it('lets everybody propose an MCP server', async () => {
    expect(
      await policy.handle(
        { permission: mcpPortalServersProposePermission },
        linus,
      ),
    ).toEqual({ result: AuthorizeResult.ALLOW });
  });

  it('lets everybody read the catalog', async () => {
    expect(
      await policy.handle({ permission: catalogEntityReadPermission }, linus),
    ).toEqual({ result: AuthorizeResult.ALLOW });
  });
});
