import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { ConfigReader } from '@backstage/config';
import {
  AuthorizeResult,
  createPermission,
} from '@backstage/plugin-permission-common';
import { AdminPermissions } from './AdminPermissions';

const permission = createPermission({ name: 'tea.drink', attributes: {} });

describe('AdminPermissions', () => {
  const user = mockCredentials.user('user:default/ada');
  const serviceWith = (...permissionNames: string[]) =>
    mockCredentials.service('external:report', { permissionNames });

  it.each([
    ['a user whom the policy permits it', user, true, true, undefined],
    ['a user whom it does not', user, true, false, 'needs the permission'],
    ['anybody while no policy decides', user, false, true, 'enabled'],
    ['a service by name', serviceWith('tea.drink'), true, true, undefined],
    [
      'a service that has others',
      serviceWith('tea.make'),
      true,
      true,
      'accessRestrictions',
    ],
    [
      'a plugin',
      mockCredentials.service('plugin:scaffolder'),
      true,
      true,
      'accessRestrictions',
    ],
  ])(
    'are given, or not, to %s',
    async (_, credentials, enabled, allows, objection) => {
      const admins = new AdminPermissions({
        config: new ConfigReader({ permission: { enabled } }),
        permissions: mockServices.permissions.mock({
          authorize: async () => [
            { result: allows ? AuthorizeResult.ALLOW : AuthorizeResult.DENY },
          ],
        }),
      });
      const message = await admins
        .assertGiven(permission, credentials)
        .catch(error => error.message);
      expect(message ?? 'none').toContain(objection ?? 'none');
      expect(await admins.isGiven(permission, credentials)).toBe(!objection);
    },
  );
});
