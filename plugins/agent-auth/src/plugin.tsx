import {
  coreExtensionData,
  createFrontendPlugin,
  PageBlueprint,
  SubPageBlueprint,
} from '@backstage/frontend-plugin-api';
import { RiRobot2Line } from '@remixicon/react';
import { z } from 'zod/v4';
import { agentAuthApi } from './api';
import { consentRouteRef, deviceRouteRef, rootRouteRef } from './routes';

const TITLE = 'Agent access';
const DOCS_URL =
  'https://github.com/prompt-corner/prompt-corner/blob/main/docs/getting-started.md';

const agentAccessPage = PageBlueprint.makeWithOverrides({
  factory(originalFactory, { inputs }) {
    const icon = <RiRobot2Line />;
    const subPages = inputs.pages.map(page => ({
      id: page.node.spec.id,
      path: page.get(coreExtensionData.routePath),
      title: page.get(coreExtensionData.title) ?? page.node.spec.id,
      icon: page.get(coreExtensionData.icon),
      element: page.get(coreExtensionData.reactElement),
    }));
    return originalFactory({
      path: '/agent-auth',
      routeRef: rootRouteRef,
      title: TITLE,
      icon,
      // The page brings the same header itself, with the tabs that the user may see.
      noHeader: true,
      loader: () =>
        import('./components/AgentAccessPage').then(m => (
          <m.AgentAccessPage title={TITLE} icon={icon} subPages={subPages} />
        )),
    });
  },
});

const attachTo = { id: 'page:agent-auth', input: 'pages' } as const;

const connectionsSubPage = SubPageBlueprint.makeWithOverrides({
  name: 'connections',
  attachTo,
  configSchema: {
    /** Where users read how to connect a client. */
    docsUrl: z.string().url().default(DOCS_URL),
  },
  factory(originalFactory, { config }) {
    return originalFactory({
      path: 'connections',
      title: 'Connections',
      loader: () =>
        import('./components/ConnectionsPage').then(m => (
          <m.ConnectionsPage docsUrl={config.docsUrl} />
        )),
    });
  },
});

const tokensSubPage = SubPageBlueprint.make({
  name: 'tokens',
  attachTo,
  params: {
    path: 'tokens',
    title: 'Tokens',
    loader: () =>
      import('./components/PersonalTokensPage').then(m => (
        <m.PersonalTokensPage />
      )),
  },
});

const organisationSubPage = SubPageBlueprint.make({
  name: 'organisation',
  attachTo,
  params: {
    path: 'organisation',
    title: 'Organisation',
    loader: () =>
      import('./components/OrganisationPage').then(m => <m.OrganisationPage />),
  },
});

const clientsSubPage = SubPageBlueprint.make({
  name: 'clients',
  attachTo,
  params: {
    path: 'clients',
    title: 'Clients',
    loader: () =>
      import('./components/ClientsPage').then(m => <m.ClientsPage />),
  },
});

const consentPage = PageBlueprint.make({
  name: 'consent',
  params: {
    path: '/agent-auth/consent/:interactionId',
    routeRef: consentRouteRef,
    noHeader: true,
    loader: () =>
      import('./components/ConsentPage').then(m => <m.ConsentPage />),
  },
});

const devicePage = PageBlueprint.make({
  name: 'device',
  params: {
    path: '/agent-auth/device',
    routeRef: deviceRouteRef,
    noHeader: true,
    loader: () => import('./components/DevicePage').then(m => <m.DevicePage />),
  },
});

/** Consent, device sign-in and connections of coding agents. @public */
export const agentAuthPlugin = createFrontendPlugin({
  pluginId: 'agent-auth',
  // No icon: with one, the navigation would list the pages without a title of their own too.
  title: TITLE,
  info: { packageJson: () => import('../package.json') },
  routes: {
    root: rootRouteRef,
    consent: consentRouteRef,
    device: deviceRouteRef,
  },
  extensions: [
    agentAuthApi,
    agentAccessPage,
    connectionsSubPage,
    tokensSubPage,
    organisationSubPage,
    clientsSubPage,
    consentPage,
    devicePage,
  ],
});
