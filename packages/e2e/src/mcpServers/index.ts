export { SERVER_PACKAGES } from './pins';
export {
  ALL_SCOPES,
  callTool,
  connectPortal,
  PortalUser,
  portalUrl,
  toolNames,
} from './PortalUser';
export type { PortalScope } from './PortalUser';
export { provideServers, SERVERS_INSTALL_TIMEOUT_MS } from './provideServers';
export { ServerProcess } from './ServerProcess';
export { startGitLabApi } from './startGitLabApi';
export type { GitLabApi } from './startGitLabApi';
export { startServers } from './servers';
export type { ServerName } from './servers';
export { startPortal } from './startPortal';
export type { OwnPortal } from './startPortal';
