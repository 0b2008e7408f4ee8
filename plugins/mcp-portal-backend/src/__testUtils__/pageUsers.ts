import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { ConfigReader } from '@backstage/config';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { PageUsers } from '../routes/PageUsers';

/**
 * Users who have signed in with `mockCredentials.user.header`.
 *
 * @param mayDo - whether a user, such as `user:default/ada`, or a service is permitted something by name
 */
export function pageUsers(
  mayDo: (userEntityRef: string, permission: string) => boolean,
  options: {
    permissionsEnabled?: boolean;
    /** Of requests without a token. */
    defaultCredentials?: BackstageCredentials;
  } = {},
): PageUsers {
  return new PageUsers({
    httpAuth: mockServices.httpAuth({
      defaultCredentials: options.defaultCredentials ?? mockCredentials.none(),
    }),
    permissions: mockServices.permissions.mock({
      authorize: async (questions, { credentials }: any) =>
        questions.map(({ permission }) => ({
          result: mayDo(
            credentials.principal.userEntityRef ??
              credentials.principal.subject,
            permission.name,
          )
            ? AuthorizeResult.ALLOW
            : AuthorizeResult.DENY,
        })) as never,
    }),
    config: new ConfigReader({
      permission: { enabled: options.permissionsEnabled ?? true },
    }),
  });
}
