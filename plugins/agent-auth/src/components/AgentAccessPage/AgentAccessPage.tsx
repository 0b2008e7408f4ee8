import {
  BreadcrumbEntry,
  IconElement,
  PageLayout,
  useRouteRef,
} from '@backstage/frontend-plugin-api';
import type { BasicPermission } from '@backstage/plugin-permission-common';
import {
  RequirePermission,
  usePermission,
} from '@backstage/plugin-permission-react';
import {
  agentAuthClientsManagePermission,
  agentAuthConnectionsReadPermission,
} from '@prompt-corner/plugin-agent-auth-common';
import { Navigate, Route, Routes } from 'react-router-dom';
import { rootRouteRef } from '../../routes';

/** A tab, as its extension describes it. */
export interface SubPage {
  /** Of the extension, such as `sub-page:agent-auth/clients`. */
  id: string;
  path: string;
  title: string;
  icon?: IconElement;
  element: JSX.Element;
}

// Not the extensions' `if`: where permissions cannot be evaluated, that takes down the whole app,
// and with it the consent page. This only hides the tabs.
const permissions: Record<string, BasicPermission> = {
  'sub-page:agent-auth/organisation': agentAuthConnectionsReadPermission,
  'sub-page:agent-auth/clients': agentAuthClientsManagePermission,
};

const Guarded = (props: {
  permission?: BasicPermission;
  children: JSX.Element;
}) => {
  const { permission, children } = props;
  return permission ? (
    <RequirePermission permission={permission}>{children}</RequirePermission>
  ) : (
    children
  );
};

/** "Agent access", with a tab for each sub-page that the user may see. */
export const AgentAccessPage = (props: {
  title: string;
  icon: IconElement;
  subPages: SubPage[];
}) => {
  const { title, icon, subPages } = props;
  const titleLink = useRouteRef(rootRouteRef)?.();
  const mayReadAll = usePermission({
    permission: agentAuthConnectionsReadPermission,
  }).allowed;
  const mayManageClients = usePermission({
    permission: agentAuthClientsManagePermission,
  }).allowed;
  const allowed = new Map<BasicPermission, boolean>([
    [agentAuthConnectionsReadPermission, mayReadAll],
    [agentAuthClientsManagePermission, mayManageClients],
  ]);
  const visible = subPages.filter(
    ({ id }) => !permissions[id] || allowed.get(permissions[id]),
  );

  return (
    <PageLayout
      title={title}
      icon={icon}
      titleLink={titleLink}
      tabs={visible.map(({ path, title: label, icon: tabIcon }) => ({
        id: path,
        label,
        icon: tabIcon,
        href: path,
      }))}
    >
      <Routes>
        {visible.length > 0 && (
          <Route index element={<Navigate to={visible[0].path} replace />} />
        )}
        {subPages.map(subPage => (
          <Route
            key={subPage.id}
            path={`${subPage.path}/*`}
            element={
              <BreadcrumbEntry
                entry={{ label: subPage.title, href: subPage.path }}
              >
                <Guarded permission={permissions[subPage.id]}>
                  {subPage.element}
                </Guarded>
              </BreadcrumbEntry>
            }
          />
        ))}
      </Routes>
    </PageLayout>
  );
};
