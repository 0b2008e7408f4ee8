import {
  createFrontendModule,
  discoveryApiRef,
  fetchApiRef,
  identityApiRef,
  toastApiRef,
} from '@backstage/frontend-plugin-api';
import { mockApis, renderTestApp } from '@backstage/frontend-test-utils';
import { AppRootWrapperBlueprint } from '@backstage/plugin-app-react';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { permissionApiRef } from '@backstage/plugin-permission-react';
import type { AgentAuthApi } from '@prompt-corner/plugin-agent-auth-common';
import { SWRConfig } from 'swr';
import { agentAuthApiRef } from '../api';
import { agentAuthPlugin } from '../plugin';

// `usePermission` caches for the page, which all tests of a file share.
const ownPermissionCache = createFrontendModule({
  pluginId: 'app',
  extensions: [
    AppRootWrapperBlueprint.make({
      params: {
        component: ({ children }) => (
          <SWRConfig value={{ provider: () => new Map() }}>
            {children}
          </SWRConfig>
        ),
      },
    }),
  ],
});

/**
 * Renders the whole plugin in an app, as Ada.
 *
 * @param options.path - where the browser is
 * @param options.permissions - names of those that Ada has; default: none
 * @param options.fetch - answers requests other than those of the fake API
 */
export function renderPlugin(options: {
  path: string;
  api: AgentAuthApi;
  permissions?: string[];
  fetch?: typeof globalThis.fetch;
}) {
  const { path, api, permissions = [], fetch } = options;
  return renderTestApp({
    features: [agentAuthPlugin, ownPermissionCache],
    initialRouteEntries: [path],
    apis: [
      [agentAuthApiRef, api],
      [
        identityApiRef,
        mockApis.identity({
          userEntityRef: 'user:default/ada',
          displayName: 'Ada Ferreira',
        }),
      ],
      [
        permissionApiRef,
        mockApis.permission({
          authorize: ({ permission }) =>
            permissions.includes(permission.name)
              ? AuthorizeResult.ALLOW
              : AuthorizeResult.DENY,
        }),
      ],
      [
        discoveryApiRef,
        mockApis.discovery({ baseUrl: 'https://portal.example.com' }),
      ],
      [fetchApiRef, mockApis.fetch({ baseImplementation: fetch ?? 'none' })],
      [toastApiRef, { post: () => ({ close: () => {} }) }],
    ],
  });
}
