import { catalogEntityReadPermission } from '@backstage/plugin-catalog-common/alpha';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import type { PolicyQueryUser } from '@backstage/plugin-permission-node';
import { agentAuthPermissions } from '@prompt-corner/plugin-agent-auth-common';
import { PortalPolicy } from './PortalPolicy';

const member = (...ownershipEntityRefs: string[]) =>
  ({ info: { ownershipEntityRefs } } as PolicyQueryUser);

describe('PortalPolicy', () => {
  const policy = new PortalPolicy({
    administrators: ['group:default/platform-team'],
  });
  const ada = member('user:default/ada', 'group:default/platform-team');
  const linus = member('user:default/linus');

  it('lets only administrators run agent access', async () => {
    for (const permission of agentAuthPermissions) {
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

  it('lets everybody read the catalog', async () => {
    expect(
      await policy.handle({ permission: catalogEntityReadPermission }, linus),
    ).toEqual({ result: AuthorizeResult.ALLOW });
  });
});
